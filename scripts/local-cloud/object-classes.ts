import type { Cloud } from "./cloud.ts";
import { makeHexId } from "./identifiers.ts";
import { migrateClasses, type ObjectUpload } from "./migrations.ts";
import type { Binding, Script, Version } from "./records.ts";

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
