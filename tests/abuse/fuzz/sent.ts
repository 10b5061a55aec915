/** One request as it goes over the line. */
export interface SentRequest {
  /** Where it comes from: the recorded request that it was, or what it was made of. */
  readonly name: string;
  readonly method: string;
  /** Path and query, as it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: none. */
  readonly body?: Buffer;
  /** Written to a socket as bytes instead of by a client that knows HTTP. */
  readonly raw?: Buffer;
}

/** What came back. */
export interface Answer {
  /** 0 where the server ended the connection without an answer. */
  readonly status: number;
  /** Its head and body as text; of an open stream the head alone. */
  readonly text: string;
  /** Bytes of the body. */
  readonly size: number;
  readonly milliseconds: number;
  /** Undefined: it was answered. */
  readonly failure?: "hang" | "reset";
}

/** Characters of a request that a report shows. */
const shownLength = 600;

/** A request for a person who reads a report. */
export function describeRequest({ name, method, path, headers, body, raw }: SentRequest): string {
  const text =
    raw?.toString("latin1") ?? `${method} ${path} ${JSON.stringify(headers)} ${body ?? ""}`;
  const shown = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return `[${name}] ${JSON.stringify(shown)}`;
}

/** All that a request says, so that an echo is told from a leak. */
export function listWords({ path, headers, body, raw }: SentRequest): string {
  const written = [path, ...Object.values(headers), body?.toString() ?? "", raw?.toString() ?? ""];
  const plain = written.map((text) => {
    try {
      return decodeURIComponent(text.replaceAll("+", " "));
    } catch {
      return text;
    }
  });
  return [...written, ...plain].join("\n");
}
