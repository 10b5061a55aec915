/**
 * A value of a settings file. Whole numbers are bigints: a number has no more than 53 bits.
 * A Map keeps every key, `__proto__` too.
 */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/** A value as the engine hands it to the program: lists and objects as JSON, to the byte as Go writes it. */
export function toConfigText(value: Value): string {
  if (typeof value === "string") return value;
  // The CLI warns of it.
  if (value === null) return "";
  if (typeof value === "bigint") return String(value);
  return toJson(value);
}

/** Whether a value is an encrypted one: `secure:` and its ciphertext, and nothing beside it. */
function isEncrypted(value: Value | undefined): boolean {
  return value instanceof Map && value.size === 1 && typeof value.get("secure") === "string";
}

/** Where in a value the encrypted ones are: keys and positions from its top. Empty: it has none. */
export function findEncrypted(value: Value, path: readonly string[] = []): (readonly string[])[] {
  if (isEncrypted(value)) return [path];
  return listChildren(value).flatMap(([key, child]) => findEncrypted(child, [...path, key]));
}

/** One value over another: objects are joined, key by key; anything else takes the place of what was. */
export function layOver(below: Value, above: Value): Value {
  if (!(below instanceof Map && above instanceof Map) || isEncrypted(below)) return above;
  const joined = new Map<string, Value>(below);
  for (const [key, value] of above as ReadonlyMap<string, Value>) {
    const old = joined.get(key);
    joined.set(key, old === undefined ? value : layOver(old, value));
  }
  return joined;
}

function listChildren(value: Value): [key: string, child: Value][] {
  if (value instanceof Map) return [...(value as ReadonlyMap<string, Value>)];
  if (!Array.isArray(value)) return [];
  return (value as readonly Value[]).map((child, index) => [String(index), child]);
}

/** As Go's `encoding/json`: keys in the order of their bytes, and what HTML would read as markup escaped. */
function toJson(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(toJson).join(",")}]`;
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<string, Value>)].toSorted(([one], [other]) =>
      Buffer.compare(Buffer.from(one), Buffer.from(other)),
    );
    return `{${entries.map(([key, child]) => `${quote(key)}:${toJson(child)}`).join(",")}}`;
  }
  // What has no 64 bits with a sign is a floating-point number, once it is within a list or an object.
  const isLong = typeof value === "bigint" && BigInt.asIntN(64, value) === value;
  return typeof value === "boolean" || isLong ? String(value) : JSON.stringify(Number(value));
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
