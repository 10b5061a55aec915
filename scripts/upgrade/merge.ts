import { UserError } from "../errors.ts";
import { type Ownership, ownershipFile, parseOwnership } from "../ownership/ownership.ts";
import type { Git } from "./git.ts";
import { keepYamlKeys } from "./keep-yaml-keys.ts";
import { type BothChanged, type JsonObject, mergeJson } from "./merge-json.ts";
import { mergeTrees, type UnmergedEntry } from "./merge-trees.ts";
import type { Sides } from "./to-do.ts";
import { isSame, readTextIn, storeText, type Tree, type TreeEntry } from "./tree.ts";

export interface Merge {
  /** Every file, those in conflict with markers. */
  readonly files: Tree;
  /** Who owns what from now on. */
  readonly ownership: Ownership;
  /** Files of ours that both sides changed in the same place. */
  readonly conflicts: readonly string[];
  /** For each of them what git's index holds of its versions. */
  readonly unmerged: readonly UnmergedEntry[];
  /** Files of ours that the person changed, and whether upstream did as well. */
  readonly changedOurs: readonly { readonly path: string; readonly alsoUpstream: boolean }[];
  /** Files of theirs that upstream changed since; theirs stay as they are. */
  readonly keptTheirs: readonly string[];
  /** Keys of which both sides changed the value, by file; upstream's holds. */
  readonly bothChanged: readonly (BothChanged & { readonly file: string })[];
  /** Files of theirs that ours need from now on, made empty. */
  readonly started: readonly string[];
}

interface Versions {
  readonly base: TreeEntry | undefined;
  readonly theirs: TreeEntry | undefined;
  readonly upstream: TreeEntry | undefined;
}

/**
 * Merges upstream into a server by whose each file is: what is theirs stays as it is, deletions too; what is ours
 * becomes upstream's, with the person's changes in it merged as text. Writes objects, and touches no file.
 * @throws UserError for an `ownership.json` that says nothing.
 */
export async function mergeUpstream(git: Git, sides: Sides): Promise<Merge> {
  const { ownership, entry, both } = await mergeOwnership(git, sides);
  const before = await readRules(git, sides.base);
  const settled = new Map<string, TreeEntry | undefined>([[ownershipFile, entry]]);
  const bothChanged = both.map((one) => ({ ...one, file: ownershipFile }));
  const [keptTheirs, started, ours]: [string[], string[], string[]] = [[], [], []];

  for (const path of listPaths(sides)) {
    const versions = getVersions(sides, path);
    const { base, theirs, upstream } = versions;
    if (path === ownershipFile) continue;
    if (ownership.isTheirs(path)) {
      // A file that is theirs from now on was ours, and they have not touched it.
      const wasOurs = base !== undefined && before?.isOurs(path) === true;
      const isHandedOver = wasOurs && isSame(base, theirs);
      settled.set(path, isHandedOver ? upstream : theirs);
      if (!isHandedOver && theirs !== undefined && !isSame(base, upstream)) keptTheirs.push(path);
    } else if (ownership.tellCommand(path) !== undefined) {
      settled.set(path, upstream);
    } else if (path === "package.json" && Object.values(versions).every(Boolean)) {
      const merged = await mergePackage(git, sides, ownership.listTheirKeys(path) ?? []);
      settled.set(path, merged.entry);
      bothChanged.push(...merged.both.map((one) => ({ ...one, file: path })));
    } else {
      ours.push(path);
    }
  }
  for (const [path, text] of Object.entries(ownership.starts)) {
    if (settled.get(path) !== undefined) continue;
    settled.set(path, await storeText(git, text));
    started.push(path);
  }

  const named = await nameAlike(git, sides, ownership);
  const merged = await mergeTrees(git, {
    base: settle(named.base, settled),
    theirs: settle(named.theirs, settled),
    upstream: settle(named.upstream, settled),
  });
  const changedOurs = ours
    .map((path) => ({ path, ...getVersions(named, path) }))
    .filter(({ base, theirs }) => !isSame(base, theirs))
    .map(({ path, base, upstream }) => ({ path, alsoUpstream: !isSame(base, upstream) }));
  return { ...merged, ownership, changedOurs, keptTheirs, bothChanged, started };
}

function listPaths({ base, theirs, upstream }: Sides): string[] {
  return [...new Set([...base.keys(), ...theirs.keys(), ...upstream.keys()])].sort();
}

function getVersions({ base, theirs, upstream }: Sides, path: string): Versions {
  return { base: base.get(path), theirs: theirs.get(path), upstream: upstream.get(path) };
}

/** A tree with files in it that are decided already: the same in all three, so that nothing is left to merge there. */
function settle(tree: Tree, settled: ReadonlyMap<string, TreeEntry | undefined>): Tree {
  const files = new Map(tree);
  for (const [path, entry] of settled) {
    if (entry === undefined) files.delete(path);
    else files.set(path, entry);
  }
  return files;
}

async function readRules(git: Git, tree: Tree): Promise<Ownership | undefined> {
  const text = await readTextIn(git, tree, ownershipFile);
  return text === undefined ? undefined : parseOwnership(text);
}

/** Who owns what by upstream's rules, with what the person changed in them. */
async function mergeOwnership(git: Git, sides: Sides) {
  const [base, theirs, upstream] = await Promise.all(
    [sides.base, sides.theirs, sides.upstream].map((tree) => readTextIn(git, tree, ownershipFile)),
  );
  if (upstream === undefined) {
    throw new UserError(
      `Upstream has no ${ownershipFile}, which says whose each file is. Choose a newer version with --to.`,
    );
  }
  const own = parseOwnership(upstream, `Upstream's ${ownershipFile}`);
  const like = sides.upstream.get(ownershipFile);
  if (theirs === undefined || theirs === base) return { ownership: own, entry: like, both: [] };
  const mine = parseOwnership(theirs);
  const before = base === undefined ? mine : parseOwnership(base);
  const { merged, both } = mergeJson(before.rules, mine.rules, own.rules);
  const text = formatJson(merged);
  return { ownership: parseOwnership(text), entry: await storeText(git, text, like), both };
}

async function mergePackage(git: Git, sides: Sides, kept: readonly string[]) {
  const path = "package.json";
  const read = async (tree: Tree) => parseObject((await readTextIn(git, tree, path)) ?? "", path);
  const { merged, both } = mergeJson(
    await read(sides.base),
    await read(sides.theirs),
    await read(sides.upstream),
    kept,
  );
  return { entry: await storeText(git, formatJson(merged), sides.upstream.get(path)), both };
}

function parseObject(text: string, path: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch (error) {
    throw new UserError(`${path} is not JSON: ${(error as Error).message}`);
  }
}

function formatJson(value: JsonObject): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The trees with the person's own values in files that are theirs by key: what is left to merge is ours. */
async function nameAlike(git: Git, sides: Sides, { rules }: Ownership): Promise<Sides> {
  const [base, upstream] = [new Map(sides.base), new Map(sides.upstream)];
  for (const [path, keys] of Object.entries(rules.byKey)) {
    const theirs = await readTextIn(git, sides.theirs, path);
    if (!/\.ya?ml$/.test(path) || theirs === undefined) continue;
    for (const tree of [base, upstream]) {
      const [text, like] = [await readTextIn(git, tree, path), tree.get(path)];
      if (text === undefined || like === undefined) continue;
      tree.set(path, await storeText(git, keepYamlKeys(text, theirs, keys), like));
    }
  }
  return { ...sides, base, upstream };
}
