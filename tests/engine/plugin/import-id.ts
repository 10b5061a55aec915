import type { Values } from "./values.ts";

/**
 * Takes an import id apart, as `account/script`. The last part may have slashes.
 * @throws Error that names the parts.
 */
export function parseImportId(importId: string, names: readonly string[]): Values {
  const parts = importId.split("/");
  const last = parts.slice(names.length - 1).join("/");
  const values = [...parts.slice(0, names.length - 1), last];
  if (values.length !== names.length || values.includes("")) {
    const wanted = names.map((name) => `<${name}>`).join("/");
    throw new Error(`invalid ID: expected urlencoded segments ${wanted}, got "${importId}"`);
  }
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
}
