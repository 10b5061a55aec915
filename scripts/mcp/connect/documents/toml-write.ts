import type { Entry } from "../client.ts";

/** An entry as a table of its own, the tables in it below. */
export function writeTable(path: readonly string[], entry: Entry): string {
  const values = Object.entries(entry).filter(([, value]) => !isTable(value));
  const tables = Object.entries(entry).filter(([, value]) => isTable(value));
  const lines = values.map(([key, value]) => `${writeKey(key)} = ${writeInline(value)}`);
  const below = tables.map(([key, value]) => `\n${writeTable([...path, key], value as Entry)}`);
  return [`[${path.map(writeKey).join(".")}]`, ...lines, ...below].join("\n");
}

/** A value on one line. @throws TypeError for what TOML has no word for. */
export function writeInline(value: unknown): string {
  if (typeof value === "string") return writeText(value);
  if (Array.isArray(value)) return `[${value.map(writeInline).join(", ")}]`;
  if (isTable(value)) {
    const pairs = Object.entries(value).map(
      ([key, each]) => `${writeKey(key)} = ${writeInline(each)}`,
    );
    return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
  }
  if (typeof value === "boolean" || Number.isFinite(value)) return String(value);
  throw new TypeError(`An entry of TOML cannot have ${typeof value}.`);
}

function writeKey(key: string): string {
  return /^[\w-]+$/.test(key) && key !== "" ? key : writeText(key);
}

/** JSON's escapes are TOML's, but for one character that TOML wants escaped too. */
function writeText(text: string): string {
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function isTable(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
