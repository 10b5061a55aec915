import * as z from "zod";
import { fail } from "./api-error.ts";
import type { Cloud } from "./cloud.ts";
import { makeHexId } from "./identifiers.ts";
import type { Binding, ObjectClass, Script, Version } from "./records.ts";

const steps = {
  new_classes: z.array(z.string()).nullish(),
  new_sqlite_classes: z.array(z.string()).nullish(),
  renamed_classes: z.array(z.object({ from: z.string(), to: z.string() })).nullish(),
  deleted_classes: z.array(z.string()).nullish(),
  transferred_classes: z
    .array(z.object({ from: z.string(), from_script: z.string(), to: z.string() }))
    .nullish(),
};
const step = z.object(steps);

/** Durable Object steps of an upload, as the provider sends them (flat) or wrangler (`steps`). */
export const migrationsSchema = z.object({
  old_tag: z.string().nullish(),
  new_tag: z.string().nullish(),
  steps: z.array(step).nullish(),
  ...steps,
});

/** Durable Object steps of an upload. */
export type Migrations = z.infer<typeof migrationsSchema>;

/** A Worker's Durable Object classes, and the tag of the last step. */
export interface ObjectState {
  readonly tag: string | undefined;
  readonly classes: Readonly<Record<string, ObjectClass>>;
}

export interface ObjectUpload {
  readonly migrations: Migrations | undefined;
  /** Classes that the code exports. */
  readonly exported: readonly string[];
  /** Classes of its own that it binds. */
  readonly bound: readonly string[];
}

export interface ObjectRules {
  readonly makeNamespaceId: () => string;
  /** Whether new classes may use the old key-value storage. */
  readonly allowKeyValue: boolean;
  /** Takes a class from another Worker. @returns undefined if it is not there. */
  readonly takeFrom?: (script: string, className: string) => ObjectClass | undefined;
}

/** The state of a Worker that has no Durable Objects. */
export const noObjects: ObjectState = { tag: undefined, classes: {} };

/**
 * What an upload makes of a Worker's Durable Objects. All or nothing: nothing outside is touched.
 * @throws ApiError with Cloudflare's code: 10079 for a tag that is not the current one, 10070 for a
 * new class that is not exported, 10074 for one that exists, 10061 for one that does not, 10064 for
 * one that is no longer exported, 10097 for key-value storage if it is not allowed.
 */
export function migrateClasses(
  state: ObjectState,
  { migrations, exported, bound }: ObjectUpload,
  rules: ObjectRules,
): ObjectState {
  const classes = new Map(Object.entries(state.classes));
  if (migrations !== undefined) {
    refuseWrongTag(state.tag, migrations);
    const { steps: list, old_tag, new_tag, ...flat } = migrations;
    for (const each of list ?? [flat]) applyStep(classes, each, exported, rules);
  }
  for (const name of classes.keys()) {
    if (exported.includes(name)) continue;
    throw fail(
      400,
      10064,
      `New version of script does not export class '${name}' which is depended on by existing Durable Objects. If you want to delete the class's Durable Objects, you will need to create a --delete-class migration.`,
    );
  }
  for (const name of bound) {
    if (classes.has(name)) continue;
    throw fail(
      400,
      10061,
      `Cannot create binding for class '${name}' because it is not currently configured to implement Durable Objects. Did you forget to apply a --new-class migration to it?`,
    );
  }
  return {
    tag: migrations?.new_tag ?? state.tag,
    classes: Object.fromEntries(classes),
  };
}

/** Steps without any tag are taken at any time, as the API takes them. */
function refuseWrongTag(current: string | undefined, { old_tag, new_tag }: Migrations): void {
  if (!old_tag && !new_tag) return;
  if ((old_tag || undefined) === current) return;
  throw fail(
    412,
    10079,
    `Actor migration tag precondition failed, got tag '${old_tag ?? ""}' when expected tag is '${current ?? ""}'. Please make sure the tags match and try again.`,
  );
}

function applyStep(
  classes: Map<string, ObjectClass>,
  wanted: z.infer<typeof step>,
  exported: readonly string[],
  rules: ObjectRules,
): void {
  for (const name of wanted.deleted_classes ?? []) remove(classes, name, "delete");
  for (const { from, to } of wanted.renamed_classes ?? []) {
    add(classes, to, remove(classes, from, "rename"));
  }
  for (const { from, from_script, to } of wanted.transferred_classes ?? []) {
    const taken = rules.takeFrom?.(from_script, from);
    if (taken === undefined) {
      throw fail(400, 10061, `Cannot transfer class '${from}': script '${from_script}' has none.`);
    }
    add(classes, to, taken);
  }
  const added = [
    ...(wanted.new_classes ?? []).map((name) => ({ name, sqlite: false })),
    ...(wanted.new_sqlite_classes ?? []).map((name) => ({ name, sqlite: true })),
  ];
  for (const { name, sqlite } of added) {
    if (!sqlite && !rules.allowKeyValue) {
      throw fail(
        400,
        10097,
        "In order to use Durable Objects with a free plan, you must create a namespace using a `new_sqlite_classes` migration.",
      );
    }
    if (!exported.includes(name)) {
      throw fail(
        400,
        10070,
        `Cannot apply --new-class migration to class '${name}' which is not exported by script.`,
      );
    }
    add(classes, name, { namespaceId: rules.makeNamespaceId(), sqlite });
  }
}

function add(classes: Map<string, ObjectClass>, name: string, added: ObjectClass): void {
  if (classes.has(name)) {
    throw fail(
      400,
      10074,
      `Cannot apply new-class migration to class '${name}' that is already depended on by existing Durable Objects.`,
    );
  }
  classes.set(name, added);
}

function remove(classes: Map<string, ObjectClass>, name: string, verb: string): ObjectClass {
  const found = classes.get(name);
  if (found === undefined) {
    throw fail(
      400,
      10061,
      `Cannot ${verb} class '${name}': it is not currently configured to implement Durable Objects.`,
    );
  }
  classes.delete(name);
  return found;
}

/** Durable Object classes after an upload, and their tag. @throws ApiError */
export function migrateScript(
  cloud: Cloud,
  { account, migrationTag, classes }: Script,
  upload: ObjectUpload,
): Pick<Script, "migrationTag" | "classes"> {
  const state = migrateClasses({ tag: migrationTag, classes }, upload, {
    makeNamespaceId: makeHexId,
    allowKeyValue: cloud.plan.keyValueObjects,
    takeFrom: (from, className) => takeClass(cloud, account, from, className),
  });
  return { migrationTag: state.tag, classes: state.classes };
}

function takeClass(cloud: Cloud, account: string, from: string, className: string) {
  const other = cloud.findScript(account, from);
  const found = other?.classes[className];
  if (other === undefined || found === undefined) return undefined;
  const { [className]: _taken, ...classes } = other.classes;
  cloud.records.scripts.put({ ...other, classes });
  return found;
}

/** Exports that can be Durable Objects. */
export function listClasses(namedHandlers: Version["namedHandlers"]): string[] {
  return namedHandlers.filter(({ handlers }) => handlers.includes("class")).map(({ name }) => name);
}

/** Every class that is bound, so that the trial has it; whether it may be is decided afterwards. */
export function assumeClasses(bindings: readonly Binding[]): Script["classes"] {
  return Object.fromEntries(
    bindings
      .filter(({ type, script_name }) => type === "durable_object_namespace" && !script_name)
      .map(({ class_name }) => [
        String(class_name),
        { namespaceId: String(class_name), sqlite: true },
      ]),
  );
}
