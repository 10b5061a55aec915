import { secretTypes } from "./upload.ts";

/** Replaces a secret. */
const redacted = "[redacted]";

/** Members whose value is a secret wherever they are. */
const secretName = /secret$|password|token$|^value$|^key$|^key_base64$|^key_jwk$|private/i;

/** A JSON value in which no secret is to be seen, for people and logs. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== "object" || value === null) return value;
  const isSecret = "type" in value && secretTypes.includes(String(value.type));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const hidden = (isSecret && name !== "type" && name !== "name") || secretName.test(name);
      return [name, hidden && typeof member !== "object" ? redacted : redact(member)];
    }),
  );
}

/**
 * A body for the list of calls: JSON without secrets, a multipart's metadata and the sizes of its
 * parts, of anything else the size only. Values of KV are never shown: sign-in keeps its grants there.
 */
export async function describeBody(
  contentType: string,
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
): Promise<string> {
  if (bytes.byteLength === 0) return "";
  const size = `<${bytes.byteLength} bytes>`;
  if (/\/(values|bulk)(\/|$)|\/tokens\/[^/]+\/value/.test(path)) return size;
  try {
    if (contentType.startsWith("multipart/form-data")) {
      return await describeParts(contentType, bytes);
    }
    // Clients send JSON without saying so.
    const text = new TextDecoder().decode(bytes);
    if (!/^\s*[[{]/.test(text)) return size;
    const value = redact(JSON.parse(text));
    // Here a text is a secret, whether or not its type is beside it.
    const hides = /\/secrets(-bulk)?(\/|\?|$)/.test(path);
    return JSON.stringify(value, (name, member) => (hides && name === "text" ? redacted : member));
  } catch {
    // What is not well formed may hold a secret anywhere.
  }
  return size;
}

async function describeParts(contentType: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const form = await new Response(bytes, { headers: { "content-type": contentType } }).formData();
  const parts = await Promise.all(
    [...form].map(async ([name, part]) => {
      if (name !== "metadata") {
        const size = typeof part === "string" ? part.length : part.size;
        const shown = typeof part === "string" ? name : part.name || name;
        return `${shown}: <${size} bytes>`;
      }
      const text = typeof part === "string" ? part : await part.text();
      return `metadata: ${JSON.stringify(redact(JSON.parse(text)))}`;
    }),
  );
  return parts.join("\n");
}
