import { UserError } from "../../errors.ts";
import { formatTable, toTerminalText } from "../../terminal/format.ts";
import { listStacks, readTags } from "../stack/backend.ts";
import { NoSuchStack } from "../stack/cli.ts";
import { fromStackName, toStackName } from "./pull-request.ts";
import { type Preview, readPreview, type Tags } from "./tags.ts";

interface Previews {
  /** Those that were longest without a push come first. */
  readonly previews: readonly Preview[];
  /** Stacks that are named like previews but lack their tag: nothing touches them. */
  readonly strangers: readonly string[];
}

/** Reads every preview from the backend. @throws UserError if it cannot be read. */
export async function listPreviews(): Promise<Previews> {
  const names = (await listStacks()).filter((name) => fromStackName(name) !== undefined);
  const previews: Preview[] = [];
  const strangers: string[] = [];
  for (const name of names) {
    const tags = await findTags(name);
    if (tags === undefined) continue;
    const preview = readPreview(name, tags);
    if (preview === undefined) strangers.push(name);
    else previews.push(preview);
  }
  return { previews: previews.toSorted(compare), strangers };
}

/** Undefined for a stack that another run has removed since it was listed. */
async function findTags(name: string): Promise<Tags | undefined> {
  try {
    return await readTags(name);
  } catch (error) {
    if (error instanceof NoSuchStack) return undefined;
    throw error;
  }
}

function compare(one: Preview, other: Preview): number {
  const order = (one.expires?.getTime() ?? 0) - (other.expires?.getTime() ?? 0);
  return order === 0 ? one.pullRequest - other.pullRequest : order;
}

/**
 * Name of a pull request's stack as the CLI takes it: one of another organization than the person's own
 * begins with it. Undefined if there is none.
 * @throws UserError if there are several, or the backend cannot be read.
 */
export async function findStack(pullRequest: number): Promise<string | undefined> {
  return pickStack(await listStacks(), pullRequest);
}

/** The one of some stacks that is a pull request's. @throws UserError if several are called so. */
export function pickStack(stacks: readonly string[], pullRequest: number): string | undefined {
  const own = toStackName(pullRequest);
  if (stacks.includes(own)) return own;
  const [first, ...others] = stacks.filter((name) => fromStackName(name) === pullRequest);
  if (others.length === 0) return first;
  throw new UserError(
    `--pr: several organizations have a stack ${own}: ${[first, ...others].join(", ")}. Choose one with \`npx pulumi org set-default <organization>\`.`,
  );
}

export function formatPreviews({ previews, strangers }: Previews, now: Date): string {
  const rows = previews.map(({ pullRequest, owner, commit, expires, url }) => [
    String(pullRequest),
    toTerminalText(owner ?? "-"),
    toTerminalText(commit ?? "-").slice(0, 20),
    expires === undefined
      ? "unknown"
      : `${expires.toISOString().slice(0, 16).replace("T", " ")}${expires <= now ? " (over)" : ""}`,
    toTerminalText(url ?? "not deployed yet"),
  ]);
  const table =
    rows.length === 0
      ? "There are no previews."
      : formatTable(["PR", "OWNER", "COMMIT", "EXPIRES (UTC)", "URL"], rows);
  return [
    table,
    ...strangers.map(
      (stack) => `${stack} is named like a preview, but the preview tag is missing: left alone.`,
    ),
  ].join("\n");
}
