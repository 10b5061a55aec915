import type { ResourceType } from "./resource-type.ts";
import { findResourceType } from "./resources/index.ts";
import { conceal } from "./secrets.ts";
import { isValues, type Value, type Values } from "./values.ts";

/** Version of the real provider's schemas; a state of a later one is refused. */
export const schemaVersion = 500;

/** Properties that the real provider's bridge keeps in the outputs for itself. */
const ownNames = ["__meta", "__pulumi_raw_state_delta"] as const;

/**
 * What the bridge of the real provider adds to the outputs: the version of the schema, and how to get back
 * from Pulumi's properties to Terraform's. In that is every member that is not there, marked as a secret.
 */
export function addRawState(token: string, state: Values): Values {
  const type = findResourceType(token);
  const plain = withoutRawState(state);
  return {
    ...plain,
    ...(type.isUnversioned
      ? {}
      : { __meta: JSON.stringify({ schema_version: `${schemaVersion}` }) }),
    __pulumi_raw_state_delta: describeObject(
      plain,
      [...Object.keys(type.inputs), ...type.outputs],
      type.nested,
    ),
  };
}

/**
 * The properties of a state alone.
 * @throws Error for a state that a later version of the provider has written.
 */
export function dropRawState(state: Values): Values {
  refuseLaterState(state);
  return withoutRawState(state);
}

function withoutRawState(state: Values): Values {
  const own: readonly string[] = ownNames;
  return Object.fromEntries(Object.entries(state).filter(([name]) => !own.includes(name)));
}

function refuseLaterState(state: Values): void {
  if (typeof state.__meta !== "string") return;
  const { schema_version: version = 0 } = JSON.parse(state.__meta) as { schema_version?: string };
  if (Number(version) <= schemaVersion) return;
  throw new Error(
    `Resource instance managed by newer provider version: the state has the schema version ${version}, and this provider knows ${schemaVersion}`,
  );
}

/** A member that is not there. */
function describeMissing(): Value {
  return conceal({ replace: { raw: null } });
}

function describeObject(
  values: Values,
  names: readonly string[],
  nested: ResourceType["nested"] = {},
): Values {
  const entries = [...new Set([...names, ...Object.keys(values)])].sort().flatMap((name) => {
    const value = values[name] ?? null;
    const found = value === null ? describeMissing() : describe(value, nested[name] ?? []);
    return found === undefined ? [] : [[name, found] as const];
  });
  return entries.length === 0 ? { obj: {} } : { obj: { ps: Object.fromEntries(entries) } };
}

/** Undefined for a value that is the same on both sides. */
function describe(value: Value, names: readonly string[]): Value | undefined {
  if (isValues(value)) return describeObject(value, names);
  if (!Array.isArray(value)) return undefined;
  const items = value.flatMap((item, index) => {
    const found = describe(item, names);
    return found === undefined ? [] : [[String(index), found] as const];
  });
  return items.length === 0 ? { arr: {} } : { arr: { el: Object.fromEntries(items) } };
}
