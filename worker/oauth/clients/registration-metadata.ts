/** What a client says about itself when it registers (RFC 7591 section 2). */
type Metadata = Readonly<Record<string, unknown>>;

/**
 * The text of a registration without members that are `null` or empty. Client libraries write each of their
 * fields, with a value or without; the server may replace what it was given (RFC 7591 section 3.2.1), and a
 * client with an empty list of grant types could never log in. `redirect_uris` has no default, so an empty one
 * stays, and is refused.
 */
export function dropUnsaid(text: string): string {
  const metadata = parse(text);
  if (metadata === undefined) return text;
  const said = Object.entries(metadata).filter(
    ([name, value]) => name === "redirect_uris" || !isEmpty(value),
  );
  return JSON.stringify(Object.fromEntries(said));
}

/** Which addresses a registration may have, in words. */
const usableRedirects =
  "At least one of redirect_uris must be an https address, or an http address of this computer (localhost, 127.0.0.1, [::1]); others may have an app's own scheme. None may have a user name or a fragment. Correct it and register again.";

const onlyByDocument =
  "private_key_jwt needs a client id metadata document, which names the keys: use the document's https address as client_id and do not register. A client that registers uses none, client_secret_basic or client_secret_post.";

/**
 * A refusal by the library under the code of RFC 7591 section 3.2.2, with what to do next. The library
 * has one code for everything, so this reads its words.
 */
export async function nameRefusal(response: Response, text: string): Promise<Response> {
  if (response.status !== 400) return response;
  const body = (await response.clone().json()) as { error: string; error_description?: string };
  const { error_description: words = "" } = body;
  const named = /redirect.?uri/i.test(words)
    ? { error: "invalid_redirect_uri", error_description: `${words}. ${usableRedirects}` }
    : { error: "invalid_client_metadata", error_description: explain(words, parse(text)) };
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  return Response.json({ ...body, ...named }, { status: 400, headers });
}

function explain(words: string, metadata: Metadata | undefined): string {
  const isSigning = metadata?.token_endpoint_auth_method === "private_key_jwt";
  return isSigning && /authentication method/i.test(words) ? onlyByDocument : words;
}

/** @returns undefined if it is not a JSON object; the library refuses it. */
function parse(text: string): Metadata | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Metadata) : undefined;
  } catch {
    return undefined;
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || (Array.isArray(value) && value.length === 0);
}
