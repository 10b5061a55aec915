import { isRecord } from "../json.ts";

/**
 * A JSON merge patch laid over what was: null takes a member out, however deep it is, an object is laid
 * over an object, and anything else takes the place of what was. Source: RFC 7396, section 2.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged = new Map(isRecord(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  return Object.fromEntries(merged);
}
