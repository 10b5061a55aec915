import { isRecord } from "../json.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A value that both sides changed, in different ways. */
export interface BothChanged {
  /** Where it is, as in `["dependencies", "zod"]`. */
  readonly path: readonly string[];
  /** The value on that side; `undefined` if it was removed. */
  readonly theirs: Json | undefined;
  readonly upstream: Json | undefined;
}

/** Three versions of one value; `undefined` if there is none. */
interface Versions {
  readonly base: Json | undefined;
  readonly theirs: Json | undefined;
  readonly upstream: Json | undefined;
}

/**
 * Merges objects key by key: what one side changed, added or took out holds; of what both changed, upstream's does,
 * and it is told. A list is merged as a set if each of its members is a text.
 * @param kept keys at the top that are theirs whatever upstream does.
 */
export function mergeJson(
  base: JsonObject,
  theirs: JsonObject,
  upstream: JsonObject,
  kept: readonly string[] = [],
): { readonly merged: JsonObject; readonly both: readonly BothChanged[] } {
  const both: BothChanged[] = [];
  const merged = mergeObjects({ base, theirs, upstream }, [], new Set(kept), both);
  return { merged, both };
}

function mergeObjects(
  versions: { readonly [Side in keyof Versions]: JsonObject },
  path: readonly string[],
  kept: ReadonlySet<string>,
  both: BothChanged[],
): JsonObject {
  const { base, theirs, upstream } = versions;
  const entries = listKeys(theirs, upstream).flatMap((key): [string, Json][] => {
    const sides = {
      base: read(base, key),
      theirs: read(theirs, key),
      upstream: read(upstream, key),
    };
    const value = kept.has(key) ? sides.theirs : mergeValues(sides, [...path, key], both);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries(entries);
}

function mergeValues(
  { base, theirs, upstream }: Versions,
  path: readonly string[],
  both: BothChanged[],
): Json | undefined {
  if (isEqual(theirs, upstream) || isEqual(theirs, base)) return upstream;
  if (isEqual(upstream, base)) return theirs;
  if (isRecord(theirs) && isRecord(upstream)) {
    const before = isRecord(base) ? base : {};
    return mergeObjects({ base: before, theirs, upstream }, path, new Set(), both);
  }
  if (isTexts(theirs) && isTexts(upstream)) {
    return mergeSets(isTexts(base) ? base : [], theirs, upstream);
  }
  both.push({ path, theirs, upstream });
  // What they took out, they do without; a new version of it changes nothing in that.
  return theirs === undefined ? undefined : (upstream ?? theirs);
}

function mergeSets(
  base: readonly string[],
  theirs: readonly string[],
  upstream: readonly string[],
) {
  const kept = upstream.filter((one) => theirs.includes(one) || !base.includes(one));
  const added = theirs.filter((one) => !base.includes(one) && !upstream.includes(one));
  return [...kept, ...added];
}

/** Upstream's keys in their order, each of theirs alone after the one it follows. A sorted list stays so. */
function listKeys(theirs: JsonObject, upstream: JsonObject): string[] {
  const keys = Object.keys(upstream);
  let before: string | undefined;
  for (const key of Object.keys(theirs)) {
    if (!keys.includes(key))
      keys.splice(before === undefined ? 0 : keys.indexOf(before) + 1, 0, key);
    before = key;
  }
  return keys;
}

function read(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isTexts(value: Json | undefined): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isEqual(one: Json | undefined, other: Json | undefined): boolean {
  return JSON.stringify(sortKeys(one)) === JSON.stringify(sortKeys(other));
}

function sortKeys(value: Json | undefined): Json | undefined {
  if (!isRecord(value)) return value;
  const entries = Object.keys(value).sort();
  return Object.fromEntries(entries.map((key) => [key, sortKeys(value[key]) ?? null]));
}
