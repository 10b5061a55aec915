import { toNamespaceTitle } from "../../../infra/stack-guard.ts";
import type { DeclaredStack } from "../stack/declared.ts";
import type { Difference } from "./difference.ts";
import type { Live } from "./live.ts";

/** Names of what the stacks of this backend have. */
export interface Owned {
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
 * @param uploader the stack that uploaded it, where that is known.
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
