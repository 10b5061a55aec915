import type { IncomingMessage } from "node:http";
import { toInitialize } from "../../support/mcp-by-hand.ts";
import { readCpu, readMemory } from "../process-use.ts";
import { ask, open, origin, type Target } from "./http.ts";
import { sumAnswer, sumCall, toRequest } from "./messages.ts";

/** An open HTTP+SSE stream (MCP 2024-11-05), straight at a runtime's port. */
export class Stream implements Disposable {
  readonly #target: Target;
  readonly #accessToken: string;
  readonly #incoming: IncomingMessage;
  readonly #events: AsyncGenerator<string>;
  #messagePath = "";

  private constructor(target: Target, accessToken: string, incoming: IncomingMessage) {
    this.#target = target;
    this.#accessToken = accessToken;
    this.#incoming = incoming;
    this.#events = readEvents(incoming);
  }

  /** Opens a stream and waits until the server has said where it wants messages. */
  static async open(target: Target, accessToken: string): Promise<Stream> {
    const headers = { authorization: `Bearer ${accessToken}`, accept: "text/event-stream" };
    const incoming = await open(target, { path: "/sse", headers });
    const stream = new Stream(target, accessToken, incoming);
    const { pathname, search } = new URL(await stream.#next(), origin);
    stream.#messagePath = `${pathname}${search}`;
    return stream;
  }

  /** Says hello, as a client does before anything else. */
  async initialize(): Promise<void> {
    await this.#tell(toInitialize({}));
    await this.#next();
    await this.#tell({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  /** Calls `sum` and waits for the answer on the stream. @throws Error where it is not 5. */
  async call(): Promise<void> {
    const [, text] = await Promise.all([this.#tell(sumCall), this.#next()]);
    if (!sumAnswer.test(text)) throw new Error(`The stream said ${text.slice(0, 500)}`);
  }

  [Symbol.dispose](): void {
    this.#incoming.destroy();
  }

  async #tell(message: object): Promise<void> {
    const client = { path: this.#messagePath, accessToken: this.#accessToken };
    const { status, text } = await ask(this.#target, toRequest(client, message));
    if (status !== 202) throw new Error(`A message to /sse was answered ${status}: ${text}`);
  }

  async #next(): Promise<string> {
    const { value, done } = await this.#events.next();
    if (done) throw new Error("The stream has ended.");
    return value;
  }
}

/** The `data` of each event; comments are passed over. */
async function* readEvents(incoming: IncomingMessage): AsyncGenerator<string, void> {
  if (incoming.statusCode !== 200) throw new Error(`/sse answered ${incoming.statusCode}.`);
  incoming.setEncoding("utf8");
  // The stream is destroyed by whoever has read enough.
  incoming.on("error", () => undefined);
  let rest = "";
  for await (const text of incoming.iterator({ destroyOnReturn: false })) {
    const blocks = (rest + String(text)).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block.split("\n").find((line) => line.startsWith("data: "));
      if (data !== undefined) yield data.slice("data: ".length);
    }
  }
}

/** Milliseconds of calls over one stream, from the message to the answer. */
export async function callOverStream(job: {
  readonly target: Target;
  readonly accessToken: string;
  readonly calls: number;
}): Promise<number[]> {
  using stream = await Stream.open(job.target, job.accessToken);
  await stream.initialize();
  const times: number[] = [];
  for (let call = 0; call < job.calls; call += 1) {
    const begun = performance.now();
    await stream.call();
    times.push(performance.now() - begun);
  }
  return times;
}

/** What many open streams cost. */
export interface Streams {
  /** Milliseconds until all were open and had said hello. */
  readonly wall: number;
  /** Megabytes by which the server's process grew. */
  readonly growth: number;
  /** CPU milliseconds of the server's process in a second in which nobody says anything. */
  readonly silence: number;
  /** Milliseconds of one call on each, one after the other. */
  readonly times: readonly number[];
}

/** Milliseconds of silence. */
const silence = 3000;

/** Opens many streams, and leaves them alone for a while. */
export async function holdStreams(job: {
  readonly target: Target;
  readonly tokens: readonly string[];
  readonly streams: number;
}): Promise<Streams> {
  const { target, tokens, streams: count } = job;
  const before = readMemory(target.pid);
  const begun = performance.now();
  using held = new DisposableStack();
  const streams: Stream[] = [];
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const stream = held.use(await Stream.open(target, tokens[left % tokens.length] ?? ""));
      await stream.initialize();
      streams.push(stream);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  const wall = performance.now() - begun;
  const cpu = readCpu(target.pid);
  await new Promise((resolve) => setTimeout(resolve, silence));
  const spent = readCpu(target.pid) - cpu;
  const growth = readMemory(target.pid) - before;
  const times: number[] = [];
  for (const stream of streams) {
    const started = performance.now();
    await stream.call();
    times.push(performance.now() - started);
  }
  return { wall, growth, silence: spent / (silence / 1000), times };
}
