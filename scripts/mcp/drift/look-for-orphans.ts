import { listVersions } from "../../../infra/deployed-worker.ts";
import { toNamespaceTitle } from "../../../infra/stack-guard.ts";
import { readStackName } from "../../../infra/version.ts";
import { UserError } from "../../errors.ts";
import { listStacks } from "../stack/backend.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import type { Explorer } from "../stack/explore.ts";
import { toShortName, withoutStack } from "../stack/short-name.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { readResources } from "../stack/state.ts";
import type { Difference, NotChecked } from "./difference.ts";
import type { Live } from "./live.ts";

export interface ReadStack {
  readonly name: string;
  /** The stack's resources, or why they could not be read. */
  readonly read: DeclaredStack | string;
}

export interface OrphanParts {
  readonly stack: Pick<ProjectStack, "name" | "project">;
  readonly declared: DeclaredStack;
  /** Stacks that were there before the account was looked at. */
  readonly others: readonly ReadStack[];
  readonly live: Live;
  readonly explorer: Explorer;
  readonly ignored: readonly string[];
}

/** Things that belong to no stack of the backend, and the stacks that could not be read. */
export interface Orphans {
  readonly orphans: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}

/** Reads the resources of these stacks. Each is a run of the CLI, so they come one after the other. */
export async function readStacks(
  names: readonly string[],
  read: typeof readResources = readResources,
): Promise<ReadStack[]> {
  const stacks: ReadStack[] = [];
  for (const name of names) stacks.push({ name, read: await readStack(name, read) });
  return stacks;
}

async function readStack(name: string, read: typeof readResources): Promise<ReadStack["read"]> {
  try {
    return readDeclared(await read(name));
  } catch (error) {
    // It may be gone since it was listed, or its state be a strange one. What it has may look like an
    // orphan; the stack that was asked for is looked at all the same.
    return error instanceof UserError ? error.message : `its state cannot be read: ${error}`;
  }
}

/**
 * Looks for orphans. A preview comes and goes at any time, so the stacks are listed once more, after
 * the account: what was there in between is of a stack that is in the one list or in the other.
 */
export async function lookForOrphans(
  parts: OrphanParts,
  backend = { listStacks, readStacks },
): Promise<Orphans> {
  const { stack, others, explorer } = parts;
  const first = find(parts, others);
  if (first.length === 0) return { orphans: [], notChecked: listUnread(others) };
  const now = await backend.listStacks();
  const known = new Set(others.map(({ name }) => name));
  const unknown = withoutStack(now, stack.name).filter((name) => !known.has(name));
  const later = await backend.readStacks(unknown);
  const orphans = later.length === 0 ? first : find(parts, [...others, ...later]);
  const workers = orphans.filter(({ kind }) => kind === "Worker").map(({ name }) => name);
  const uploaders = await findUploaders(explorer, workers);
  return {
    orphans: orphans.map((each) =>
      describeOrphan(each, each.kind === "Worker" ? uploaders.get(each.name) : undefined),
    ),
    notChecked: listUnread([...others, ...later].filter(({ name }) => now.includes(name))),
  };
}

function find(
  { stack, declared, live, ignored }: OrphanParts,
  others: readonly ReadStack[],
): Orphan[] {
  const names = [stack.name, ...others.map(({ name }) => name)];
  const owned = collectOwned(
    [declared, ...others.flatMap(({ read }) => (typeof read === "string" ? [] : read))],
    names.map((name) => `${stack.project}-${toShortName(name)}`),
  );
  return findOrphans(stack.project, live, owned, new Set(ignored));
}

function listUnread(stacks: readonly ReadStack[]): NotChecked[] {
  return stacks.flatMap(({ name, read }) =>
    typeof read === "string" ? [{ what: `what the stack ${name} has`, reason: read }] : [],
  );
}

/** Workers whose versions are looked at, at most: a call each. */
const mostAsked = 20;

/** Which stack uploaded each of these Workers last, of any backend. One that no stack did is left out. */
async function findUploaders(
  { accountId, seek }: Explorer,
  workers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = workers.slice(0, mostAsked).map(async (name): Promise<[string, string][]> => {
    const looked = await seek("scripts", (client) => listVersions(client, accountId, name));
    const versions = ("found" in looked ? looked.found : undefined) ?? [];
    const [stack] = versions.flatMap(({ message = "" }) => readStackName(message) ?? []);
    return stack === undefined ? [] : [[name, stack]];
  });
  return new Map((await Promise.all(asked)).flat());
}

/** Names of what the stacks of this backend have. */
interface Owned {
  readonly workers: ReadonlySet<string>;
  /** Ids. */
  readonly namespaces: ReadonlySet<string>;
  /** Ids. */
  readonly databases: ReadonlySet<string>;
  readonly buckets: ReadonlySet<string>;
}

/** Something that carries this project's naming and belongs to no stack of this backend. */
export interface Orphan {
  readonly kind: "Worker" | "KV namespace" | "D1 database" | "R2 bucket";
  readonly name: string;
  /** The command that deletes it. */
  readonly remove: string;
}

/**
 * Puts together what several stacks have.
 * @param names the Workers' names that the stacks would choose: an `up` whose answer was lost left one
 * that no state knows.
 */
export function collectOwned(stacks: readonly DeclaredStack[], names: readonly string[]): Owned {
  return {
    workers: new Set(
      [
        ...names,
        ...stacks.flatMap(({ worker, scriptName }) => [worker?.scriptName, scriptName]),
      ].filter((name) => name !== undefined),
    ),
    namespaces: new Set(stacks.flatMap(({ namespaces }) => namespaces.map(({ id }) => id))),
    databases: new Set(stacks.flatMap(({ databases }) => databases.map(({ id }) => id))),
    buckets: new Set(stacks.flatMap(({ buckets }) => buckets.map(({ name }) => name))),
  };
}

/**
 * Workers, namespaces, databases and buckets that carry this project's naming (`<project>-…`; a KV
 * namespace also `…-oauth`) and belong to no stack of this backend.
 * @param ignored names that the person knows to be somebody's.
 */
export function findOrphans(
  project: string,
  live: Live,
  owned: Owned,
  ignored: ReadonlySet<string>,
): Orphan[] {
  const isNamed = (name: string) => name.startsWith(`${project}-`);
  const list = <Found>(looked: { readonly found: Found } | object, empty: Found): Found =>
    "found" in looked ? (looked.found as Found) : empty;
  const workers = live.workers
    .filter((name) => isNamed(name) && !owned.workers.has(name))
    .map(
      (name): Orphan => ({ name, kind: "Worker", remove: `npx wrangler delete --name ${name}` }),
    );
  const namespaces = list(live.namespaces, [] as { id: string; title: string }[])
    .filter(({ title }) => isNamed(title) || isStray(title, live))
    // The next `up` of its stack decides on one that no state knows.
    .filter(({ id, title }) => !owned.namespaces.has(id) && !isOwnTitle(title, owned))
    .map(
      ({ id, title }): Orphan => ({
        name: title,
        kind: "KV namespace",
        remove: `npx wrangler kv namespace delete --namespace-id ${id}`,
      }),
    );
  const databases = list(live.databases, [] as { id: string; name: string }[])
    .filter(({ id, name }) => isNamed(name) && !owned.databases.has(id))
    .map(
      ({ name }): Orphan => ({
        name,
        kind: "D1 database",
        remove: `npx wrangler d1 delete ${name}`,
      }),
    );
  const buckets = list(live.buckets, [] as string[])
    .filter((name) => isNamed(name) && !owned.buckets.has(name))
    .map(
      (name): Orphan => ({
        name,
        kind: "R2 bucket",
        remove: `npx wrangler r2 bucket delete ${name}`,
      }),
    );
  return [...workers, ...namespaces, ...databases, ...buckets].filter(
    ({ name }) => !ignored.has(name),
  );
}

/**
 * What a person is told of an orphan. Another backend may have it: nothing deletes it by itself.
 * @param uploader the stack that uploaded it, if that is known.
 */
export function describeOrphan({ kind, name, remove }: Orphan, uploader?: string): Difference {
  const whose =
    uploader === undefined
      ? "it may belong to another backend or project"
      : `the stack ${uploader} of another backend, or one that was removed, uploaded it`;
  return {
    what: `${kind} ${name}`,
    expected: "belongs to a stack",
    found: `belongs to no stack of this backend; ${whose}`,
    remedy: `If nobody needs it, \`${remove}\`, which deletes what is in it. If it is somebody's, name it with --ignore ${name}.`,
    mend: "person",
  };
}

function isOwnTitle(title: string, { workers }: Owned): boolean {
  return [...workers].some((name) => toNamespaceTitle(name) === title);
}

/** Called as the store of a Worker that the account does not have: that of another project is its own. */
function isStray(title: string, { workers }: Live): boolean {
  return /-oauth$/.test(title) && !workers.some((name) => toNamespaceTitle(name) === title);
}
