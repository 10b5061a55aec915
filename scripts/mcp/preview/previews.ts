import { listStacks, readTags } from "../stack/workspace.ts";
import { fromStackName } from "./pull-request.ts";
import { type Preview, readPreview } from "./tags.ts";

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
    const preview = readPreview(name, await readTags(name));
    if (preview === undefined) strangers.push(name);
    else previews.push(preview);
  }
  return { previews: previews.toSorted(compare), strangers };
}

function compare(one: Preview, other: Preview): number {
  const order = (one.expires?.getTime() ?? 0) - (other.expires?.getTime() ?? 0);
  return order === 0 ? one.pullRequest - other.pullRequest : order;
}
