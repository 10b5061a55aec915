/** The most bytes of a body, unless a route says otherwise: forms, token requests, registrations. */
export const largestForm = 65_536;

/** The most bytes of the form of a consent page. It holds the client's request: 87 KB for an address of 32 KB. */
export const largestConsent = 4 * largestForm;

/** Thrown to whoever reads more of a body than its route takes. */
export class BodyTooLarge extends Error {
  override readonly name = "BodyTooLarge";
}

/** A request whose body ends at a limit. */
export interface BoundedRequest {
  readonly request: Request;
  /** Whether more came than the limit. */
  isTooLarge(): boolean;
}

/**
 * Bounds the body of a request before anybody reads it: whoever reads more than `limit` bytes, by whichever
 * method, ours or a library's, gets `BodyTooLarge` instead. What nobody reads never enters memory. An
 * isolate has 128 MB for all its requests, and what a client says of the length is not believed.
 */
export function boundBody(request: Request, limit: number): BoundedRequest {
  const { url, method, headers, signal, body } = request;
  if (body === null) return { request, isTooLarge: () => false };
  // Such a body means nothing (RFC 9110 section 9.3.1), and a Request of that method can hold none.
  if (method === "GET" || method === "HEAD") {
    return { request: new Request(url, { method, headers, signal }), isTooLarge: () => false };
  }
  let size = 0;
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size > limit) controller.error(new BodyTooLarge(`The body has over ${limit} bytes.`));
      else controller.enqueue(chunk);
    },
  });
  return {
    request: new Request(request, { body: body.pipeThrough(counted) }),
    isTooLarge: () => size > limit,
  };
}

/**
 * The whole body as text, if it has no more than `limit` bytes. As safe as `boundBody`, without a second
 * request and a stream in between: for a route that reads its body in one place, and often.
 * @throws BodyTooLarge
 */
export async function readBounded({ body }: Request, limit: number): Promise<string> {
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader();
  let size = 0;
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw new BodyTooLarge(`The body has over ${limit} bytes.`);
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** The whole body as text. Not with `text()`, which warns about each body that does not say it is text. */
export async function readText(request: Request): Promise<string> {
  return new TextDecoder().decode(await request.arrayBuffer());
}

/**
 * The same request with a body, in place of the one that was read already. A method that has none gets none.
 * @param signal tells when nobody waits any more. Default: the request's own; `null`: it never does.
 */
export function withBody(
  request: Request,
  body: string,
  signal: AbortSignal | null = request.signal,
): Request {
  const { url, method, headers } = request;
  const isBodiless = method === "GET" || method === "HEAD";
  const own = new Request(url, { method, headers, signal, ...(!isBodiless && { body }) });
  // On its own headers: to copy them first would copy each header twice.
  own.headers.delete("content-length");
  return own;
}
