import type { Migrations } from "../../infra/durable-objects.ts";

/** A Worker's Durable Object classes as Cloudflare keeps them. */
export interface ObjectState {
  readonly tag: string | undefined;
  /** Class name to the id of its stored objects, which a rename keeps. */
  readonly classes: ReadonlyMap<string, number>;
}

/** What an upload says of its Durable Objects. */
export interface ObjectUpload {
  readonly migrations: Migrations | undefined;
  readonly exported: readonly string[];
  readonly bound: readonly string[];
}

export const noObjects: ObjectState = { tag: undefined, classes: new Map() };

let lastId = 0;

/**
 * Cloudflare's answer to an upload, by the rules that are known of it: the new state, or an error
 * that starts with its code. All or nothing.
 */
export function applyUpload(state: ObjectState, upload: ObjectUpload): ObjectState {
  const { migrations, exported, bound } = upload;
  const classes = new Map(state.classes);
  if (migrations !== undefined) {
    if ((migrations.oldTag || undefined) !== state.tag) {
      throw new Error(`10079: the tag is ${state.tag}, not ${migrations.oldTag}`);
    }
    for (const { newSqliteClasses, renamedClasses, deletedClasses } of migrations.steps) {
      for (const name of deletedClasses ?? []) remove(classes, name);
      for (const { from, to } of renamedClasses ?? []) add(classes, to, remove(classes, from));
      for (const name of newSqliteClasses ?? []) {
        if (!exported.includes(name)) throw new Error(`10070: ${name} is not exported`);
        lastId += 1;
        add(classes, name, lastId);
      }
    }
  }
  for (const name of classes.keys()) {
    if (!exported.includes(name)) throw new Error(`10064: ${name} is no longer exported`);
  }
  for (const name of bound) {
    if (!classes.has(name)) throw new Error(`10061: ${name} is bound and does not exist`);
  }
  return { tag: migrations?.newTag ?? state.tag, classes };
}

function add(classes: Map<string, number>, name: string, id: number): void {
  if (classes.has(name)) throw new Error(`10074: ${name} exists`);
  classes.set(name, id);
}

function remove(classes: Map<string, number>, name: string): number {
  const id = classes.get(name);
  if (id === undefined) throw new Error(`10061: ${name} does not exist`);
  classes.delete(name);
  return id;
}
