/** What a client says of itself in the `Authorization` header. */
export interface BasicCredentials {
  readonly id: string;
  /** Empty where the client has none. */
  readonly secret: string;
}

/**
 * Reads HTTP Basic credentials of a client, whose parts are form-encoded before base64 (RFC 6749
 * section 2.3.1). @returns undefined for another scheme, and for what cannot be read: the library
 * refuses that.
 */
export function readBasicCredentials(headers: Headers): BasicCredentials | undefined {
  const encoded = /^Basic\s+(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
  if (encoded === undefined) return undefined;
  try {
    const [, id = "", secret = ""] = /^([^:]*):([\s\S]*)$/.exec(atob(encoded)) ?? [];
    return { id: decode(id), secret: decode(secret) };
  } catch {
    return undefined;
  }
}

function decode(part: string): string {
  return decodeURIComponent(part.replaceAll("+", " "));
}
