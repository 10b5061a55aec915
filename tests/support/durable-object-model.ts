import type { Migrations } from "../../infra/durable-objects.ts";
import { migrateClasses } from "../../scripts/local-cloud/migrations.ts";
import type { ObjectClass } from "../../scripts/local-cloud/records.ts";

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
 * Cloudflare's answer to an upload, by the rules of the local cloud: the new state, or its error. All
 * or nothing.
 */
export function applyUpload(state: ObjectState, upload: ObjectUpload): ObjectState {
  const { migrations, exported, bound } = upload;
  const classes = [...state.classes].map(([name, id]): [string, ObjectClass] => [
    name,
    { namespaceId: String(id), sqlite: true },
  ]);
  const before = { tag: state.tag, classes: Object.fromEntries(classes) };
  const sent = migrations && toApi(migrations);
  const after = migrateClasses(
    before,
    { migrations: sent, exported, bound },
    {
      makeNamespaceId() {
        lastId += 1;
        return String(lastId);
      },
      allowKeyValue: false,
    },
  );
  return {
    tag: after.tag,
    classes: new Map(
      Object.entries(after.classes).map(([name, { namespaceId }]) => [name, Number(namespaceId)]),
    ),
  };
}

/** As the provider sends it. */
function toApi({ oldTag, newTag, steps }: Migrations) {
  return {
    old_tag: oldTag,
    new_tag: newTag,
    steps: steps.map(({ newSqliteClasses, renamedClasses, deletedClasses }) => ({
      new_sqlite_classes: newSqliteClasses,
      renamed_classes: renamedClasses,
      deleted_classes: deletedClasses,
    })),
  };
}
