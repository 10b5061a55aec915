/** Reads the text of a body. @returns undefined where it has more bytes than `limit`. */
export async function readBody(request: Request, limit: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** The same request with a body that was read already. */
export function withBody(request: Request, body: string): Request {
  const headers = new Headers(request.headers);
  headers.delete("content-length");
  const { url, method, signal } = request;
  return new Request(url, { method, headers, body, signal });
}
