import { type Document, isMap, isNode, isScalar } from "yaml";
import { toKey, toValue } from "./read.ts";
import { findEncrypted } from "./value.ts";

/**
 * Where a setting of the project is in a settings file, or goes: as it is spelled there, with or without
 * its namespace. Two spellings of one setting would be a file that nobody can read.
 */
export function findSetting(document: Document, project: string, name: string): ["config", string] {
  const key = `${project}:${name}`;
  return ["config", listKeys(document).find((written) => toKey(written, project) === key) ?? key];
}

/** Whether a setting has an encrypted value, alone or within a list or an object. */
export function hasEncrypted(document: Document, path: readonly string[]): boolean {
  const node: unknown = document.getIn(path, true);
  if (!isNode(node)) return false;
  return findEncrypted(toValue(node.toJS(document, { mapAsMap: true }))).length > 0;
}

/** Keys of a settings file as they are spelled. */
export function listKeys(document: Document): string[] {
  const config: unknown = document.get("config");
  if (!isMap(config)) return [];
  return config.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : []));
}
