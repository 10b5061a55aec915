import { UserError } from "../errors.ts";
import { type Ownership, ownershipFile, parseOwnership } from "../ownership/ownership.ts";
import { type Upstream, upstreamFile } from "../ownership/upstream.ts";
import type { Git } from "./git.ts";
import { findRelease, isUpstreams } from "./target.ts";
import { isSame, readTextIn, readTree, type Tree } from "./tree.ts";

/**
 * The commit of upstream that this server was last like: the newest of what the history has in common and of what is
 * recorded. A copy has no history in common, and an upgrade that was squashed has an older one.
 * @param recorded what `.upstream.json` says.
 * @throws UserError if nothing says it.
 */
export async function findBase(
  git: Git,
  head: string,
  target: string,
  recorded: Upstream | undefined,
): Promise<string> {
  const shared = await git.findMergeBase(head, target);
  const noted = await findRecorded(git, target, recorded);
  if (shared !== undefined && noted !== undefined) {
    return (await git.isAncestor(noted, shared)) ? shared : noted;
  }
  const found = shared ?? noted ?? (await findByContent(git, head, target));
  if (found !== undefined) return found;
  throw new UserError(
    `Nothing says which version of upstream this server was made from. Write it into ${upstreamFile}, commit that, and try again:\n{ "from": "<url>", "version": "1.0.0", "commit": "<40 hex, of upstream>" }`,
  );
}

async function findRecorded(
  git: Git,
  target: string,
  recorded: Upstream | undefined,
): Promise<string | undefined> {
  if (recorded === undefined) return undefined;
  const { commit, version } = recorded;
  const named = commit === undefined ? undefined : await git.findCommit(commit);
  const known = named !== undefined && (await isUpstreams(git, named)) ? named : undefined;
  const base = known ?? (await findRelease(git, version));
  return base === undefined ? undefined : git.findMergeBase(base, target);
}

/** Share of our files that a first commit has as a commit of upstream has them, to be made from it. */
const likeness = 0.9;

/** The commit of upstream whose files of ours are those of this repository's first commit, as those of a copy are. */
async function findByContent(git: Git, head: string, target: string): Promise<string | undefined> {
  const roots = await git.read(["rev-list", "--max-parents=0", "--first-parent", head]);
  const first = await readTree(git, roots.split("\n").at(-1) ?? head);
  const text = await readTextIn(git, await readTree(git, target), ownershipFile);
  if (text === undefined) return undefined;
  const ownership = parseOwnership(text, `Upstream's ${ownershipFile}`);
  let best: { readonly commit: string; readonly score: number } | undefined;
  for (const commit of (await git.read(["rev-list", target])).split("\n")) {
    const score = compare(ownership, first, await readTree(git, commit));
    // The newest of several comes first.
    if (score > (best?.score ?? likeness)) best = { commit, score };
    if (score === 1) break;
  }
  return best?.commit;
}

/** Share of our files that are the same in both, 0 to 1. */
function compare(ownership: Ownership, one: Tree, other: Tree): number {
  const ours = [...new Set([...one.keys(), ...other.keys()])].filter((path) =>
    ownership.isOurs(path),
  );
  const same = ours.filter((path) => isSame(one.get(path), other.get(path)));
  return ours.length === 0 ? 0 : same.length / ours.length;
}
