import { isDeepStrictEqual } from "node:util";

/**
 * Names of the settings in which two Workers' SETTINGS differ, as `server.title`. No secret is among the
 * settings that a Worker is given, and the values are not told all the same.
 * @param before the binding's value, as JSON or as what it says.
 */
export function listChangedSettings(before: unknown, after: unknown): string[] {
  return listPaths(parse(before), parse(after), "");
}

function parse(json: unknown): unknown {
  try {
    return typeof json === "string" ? JSON.parse(json) : json;
  } catch {
    return json;
  }
}

function listPaths(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    listPaths(before[key], after[key], path === "" ? key : `${path}.${key}`),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
