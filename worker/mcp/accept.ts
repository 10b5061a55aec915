import { parseAccept } from "hono/utils/accept";

/** Media types that an answer may have. */
const json = "application/json";
const eventStream = "text/event-stream";

/** What a client reads, by its `Accept`. */
export interface Accepted {
  readonly json: boolean;
  readonly eventStream: boolean;
}

/**
 * Reads `Accept` (RFC 9110 section 12.5.1): no header takes everything, a range takes what it covers,
 * the most specific range decides, and `q=0` excludes. MCP wants both types named, and many a client
 * names one or none; the SDK refuses those in one protocol era and serves them in the other.
 */
export function readAccept(headers: Headers): Accepted {
  const ranges = parseAccept(headers.get("accept") ?? "").map(({ type, q }) => ({
    type: type.toLowerCase(),
    q,
  }));
  const takes = (type: string) => {
    if (ranges.length === 0) return true;
    const [family = ""] = type.split("/");
    const range = [type, `${family}/*`, "*/*"]
      .map((wanted) => ranges.find((known) => known.type === wanted))
      .find((known) => known !== undefined);
    return (range?.q ?? 0) > 0;
  };
  return { json: takes(json), eventStream: takes(eventStream) };
}

/**
 * Why a request cannot be answered in a type that its client reads; undefined if it can. A method that is
 * not served here gets 405 instead, whatever its client reads: clients take that as "no stream here".
 * @param streams whether `GET` opens a stream for this request.
 */
export function refuseAccept(
  { method }: Request,
  accepted: Accepted,
  body: unknown,
  streams: boolean,
): Response | undefined {
  // Nobody reads the answer to the end of a session.
  if (method !== "POST" && !(method === "GET" && streams)) return undefined;
  const { method: asked, id = null } = (body ?? {}) as { method?: unknown; id?: unknown };
  const isStream = method === "GET" || asked === "subscriptions/listen";
  const isAnswerable = accepted.eventStream || (accepted.json && !isStream);
  if (isAnswerable) return undefined;
  const wanted = isStream ? eventStream : `${json}, ${eventStream}`;
  const message = `The answer is of a type that Accept leaves out. Send Accept: ${wanted}`;
  const error = { code: -32000, message };
  return Response.json({ jsonrpc: "2.0", error, id }, { status: 406 });
}

/**
 * The request as the SDK wants it, with both types named.
 * @param body its body, which was read. Default: none, as the parsed message goes with it.
 */
export function acceptBoth({ url, method, headers, signal }: Request, body?: string): Request {
  const own = new Request(url, { method, headers, signal, ...(body !== undefined && { body }) });
  own.headers.delete("content-length");
  own.headers.set("accept", `${json}, ${eventStream}`);
  return own;
}

/** The request that an answer is for. */
export interface Asked {
  /** Its id; null if it has none, like a batch. */
  readonly id: unknown;
  /** Answers a question from the server with an error; otherwise it would wait for its client. */
  refuseQuestion(answer: QuestionRefusal): Promise<void>;
}

/** The error with which a question from the server is answered. */
export interface QuestionRefusal {
  readonly jsonrpc: "2.0";
  readonly id: unknown;
  readonly error: { readonly code: number; readonly message: string };
}

/** An answer in a type that the client reads. */
export async function toAccepted(
  response: Response,
  accepted: Accepted,
  asked: Asked,
): Promise<Response> {
  const type = response.headers.get("content-type")?.split(";")[0];
  if (type === eventStream && !accepted.eventStream) return toJson(response, asked);
  if (type === json && !accepted.json && response.ok) return toEventStream(response);
  return response;
}

/** The answer of a stream alone. Progress is left out: JSON has no place for it. */
async function toJson(response: Response, asked: Asked): Promise<Response> {
  const answers: unknown[] = [];
  for await (const message of readMessages(response)) {
    const { method, id } = message;
    if (method === undefined) answers.push(message);
    else if (id !== undefined) return toUnanswerable(response, asked, id);
  }
  if (answers.length === 0) return new Response(null, { status: 202 });
  const body = answers.length === 1 ? answers[0] : answers;
  return Response.json(body, { headers: retype(response, json) });
}

/** A question from the server goes out on the stream, which this client does not read. */
async function toUnanswerable(
  response: Response,
  asked: Asked,
  question: unknown,
): Promise<Response> {
  const message = `This asks the person, which needs a stream. Send Accept: ${json}, ${eventStream}`;
  const error = { code: -32000, message };
  await asked.refuseQuestion({ jsonrpc: "2.0", id: question, error });
  return Response.json(
    { jsonrpc: "2.0", error, id: asked.id },
    { status: 406, headers: retype(response, json) },
  );
}

async function toEventStream(response: Response): Promise<Response> {
  const data = JSON.stringify(await response.json());
  return new Response(`event: message\ndata: ${data}\n\n`, {
    headers: retype(response, eventStream),
  });
}

function retype({ headers }: Response, type: string): Headers {
  const changed = new Headers(headers);
  changed.delete("content-length");
  changed.set("content-type", type);
  return changed;
}

interface Message {
  readonly method?: string;
  readonly id?: unknown;
}

/** The messages of a stream as the SDK writes it: one line of data an event. Comments are skipped. */
async function* readMessages({ body }: Response): AsyncGenerator<Message> {
  let rest = "";
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const events = (rest + text).split("\n\n");
    rest = events.pop() ?? "";
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) yield JSON.parse(data.slice("data: ".length)) as Message;
    }
  }
}
