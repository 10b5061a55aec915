import { isValues, type Value, type Values } from "./values.ts";

/** Names that the rule does not reach. */
const exceptions: Readonly<Record<string, string>> = {
  workersMessage: "workers/message",
  workersTag: "workers/tag",
  serviceAuth401Redirect: "service_auth_401_redirect",
};

const reversed = new Map(Object.entries(exceptions).map(([ours, theirs]) => [theirs, ours]));

/** `namespaceId` is `namespace_id` in the API. */
export function toWireName(name: string): string {
  return exceptions[name] ?? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `namespace_id` is `namespaceId` in Pulumi. */
export function toPulumiName(name: string): string {
  return (
    reversed.get(name) ?? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
  );
}

/** A value as the API takes it: its names, keys sorted, nothing that is null. */
export function toWire(value: Value): Value {
  return convert(value, toWireName);
}

/** A value of the API as Pulumi has it. */
export function toPulumi(value: Value): Value {
  return convert(value, toPulumiName);
}

/** Sorted and without nulls, under the names that it has: for maps whose keys people choose. */
export function convert(value: Value, rename: (name: string) => string): Value {
  if (Array.isArray(value)) return value.map((item) => convert(item, rename));
  if (!isValues(value)) return value;
  const converted = Object.entries(value)
    .filter(([, item]) => item !== null)
    .map(([name, item]) => [rename(name), convert(item, rename)] as const);
  return sortKeys(Object.fromEntries(converted));
}

/** Keys in the order in which Go's encoder writes them: by their bytes. */
export function sortKeys(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}
