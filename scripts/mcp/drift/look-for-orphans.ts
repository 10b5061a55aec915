import { readAnnotation, readStackName } from "../../../infra/version.ts";
import { UserError } from "../../errors.ts";
import { type DeclaredStack, readDeclared } from "../stack/declared.ts";
import type { Explorer } from "../stack/explore.ts";
import { toShortName, withoutStack } from "../stack/short-name.ts";
import type { ProjectStack } from "../stack/stack.ts";
import { readResources } from "../stack/state.ts";
import { listStacks } from "../stack/workspace.ts";
import type { Difference, NotChecked } from "./difference.ts";
import { collectOwned, describeOrphan, findOrphans, type Orphan } from "./find-orphans.ts";
import type { Live } from "./live.ts";

/** Another stack of the backend. */
export interface ReadStack {
  readonly name: string;
  /** What it has, or why that could not be read. */
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

/** What belongs to no stack of the backend, and which stacks could not be asked. */
export interface Orphans {
  readonly orphans: readonly Difference[];
  readonly notChecked: readonly NotChecked[];
}

/** What these stacks have. Each is a run of the CLI, so they come one after the other. */
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
  { accountId: account_id, seek }: Explorer,
  workers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const asked = workers.slice(0, mostAsked).map(async (name): Promise<[string, string][]> => {
    const looked = await seek("scripts", (client) =>
      client.workers.scripts.versions.list(name, { account_id, per_page: 100 }),
    );
    const page = "found" in looked ? looked.found : undefined;
    const [stack] = (page?.getPaginatedItems() ?? []).flatMap(
      (version) => readStackName(readAnnotation(version, "workers/message") ?? "") ?? [],
    );
    return stack === undefined ? [] : [[name, stack]];
  });
  return new Map((await Promise.all(asked)).flat());
}
