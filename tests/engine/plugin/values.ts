/** A value of a property, as Pulumi and JSON have them. */
export type Value = null | boolean | number | string | Value[] | Values;

/** Properties by name. */
export interface Values {
  [name: string]: Value;
}

/**
 * Stands for what only an `up` will know, in a preview.
 * Source: `UnknownStringValue` in Pulumi's sdk/go/common/resource/plugin/rpc.go.
 */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value has properties of its own. */
export function isValues(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Leaves out what is null or undefined: Cloudflare and Pulumi take both for "not there". */
export function dropEmpty(values: Readonly<Record<string, Value | undefined>>): Values {
  const kept: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) kept[name] = value;
  }
  return kept;
}

/** A text property. @throws Error where it is something else. */
export function readText(values: Values, name: string): string {
  const value = values[name];
  if (typeof value !== "string") throw new Error(`${name} is not a text.`);
  return value;
}

/** Some of the properties. */
export function pick(values: Values, names: readonly string[]): Values {
  return dropEmpty(Object.fromEntries(names.map((name) => [name, values[name]])));
}
