import { NoSuchStack } from "../stack/no-such-stack.ts";
import { listStacks, readTags } from "../stack/workspace.ts";
import { fromStackName } from "./pull-request.ts";
import { type Preview, readPreview, type Tags } from "./tags.ts";

/** What the backend has of previews. */
export interface Previews {
  /** Those that were longest without a push come first. */
  readonly previews: readonly Preview[];
  /** Stacks that are called like previews and have not their tag: nothing touches them. */
  readonly strangers: readonly string[];
}

/** Reads every preview from the backend. @throws UserError where it cannot be read. */
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
