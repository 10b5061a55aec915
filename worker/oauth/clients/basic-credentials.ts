/** A client's credentials in the `Authorization` header. */
export interface BasicCredentials {
  readonly id: string;
  /** Empty if the client has none. */
  readonly secret: string;
}

/**
 * Reads HTTP Basic credentials of a client, whose parts are form-encoded before base64 (RFC 6749
 * section 2.3.1). If a client's id is an address and the client does not encode it, the id has a colon:
 * with an empty secret, everything before the last colon is the id.
 * @returns undefined for another scheme, "malformed" for unreadable credentials.
 */
export function readBasicCredentials(headers: Headers): BasicCredentials | "malformed" | undefined {
  const header = headers.get("authorization") ?? "";
  if (!/^basic(?:[ \t]|$)/i.test(header)) return undefined;
  const encoded = header.slice("basic".length).trim();
  if (encoded === "" || /[ \t]/.test(encoded)) return "malformed";
  try {
    const text = atob(encoded);
    if (/^https:\/\/[\s\S]*:$/.test(text)) return { id: text.slice(0, -1), secret: "" };
    const colon = text.indexOf(":");
    if (colon === -1) return "malformed";
    return { id: decode(text.slice(0, colon)), secret: decode(text.slice(colon + 1)) };
  } catch {
    return "malformed";
  }
}

/** The same credentials as a header that everybody reads alike. */
export function writeBasicCredentials({ id, secret }: BasicCredentials): string {
  return `Basic ${btoa([id, secret].map(encodeURIComponent).join(":"))}`;
}

function decode(part: string): string {
  return decodeURIComponent(part.replaceAll("+", " "));
}
