import { listTools } from "../../support/mcp-by-hand.ts";
import { readCpu, readPeakMemory } from "../process-use.ts";
import { ask, type Sent, type Target } from "./http.ts";
import {
  type ClientParts,
  callSum,
  type Era,
  expectAnswer,
  initialize,
  sumCall,
  toRequest,
} from "./messages.ts";

/** Calls of one kind. */
export interface CallJob {
  readonly target: Target;
  /** Tokens of the clients, each in turn. Empty: calls go without. */
  readonly tokens: readonly string[];
  readonly era: Era;
  readonly inFlight: number;
  readonly calls: number;
  /** Whether each client opens with `initialize` first, since the server keeps sessions. */
  readonly hasSessions: boolean;
  /** What the clients say they can do. Default: nothing. */
  readonly capabilities?: object;
}

/** What they came to. */
export interface TimedCalls {
  /** Milliseconds of each. */
  readonly times: readonly number[];
  /** Milliseconds of all together. */
  readonly wall: number;
  /** CPU milliseconds of the server's process, all together. */
  readonly cpu: number;
}

/** Calls `sum`, so many at once. Some calls before the clock runs warm what was idle. */
export async function call(job: CallJob): Promise<TimedCalls> {
  const { target, tokens, era, inFlight, calls, hasSessions, capabilities } = job;
  const clients = await Promise.all(
    Array.from({ length: inFlight }, (_, index): ClientParts | Promise<ClientParts> => {
      const client = { era, ...toToken(tokens, index) };
      return hasSessions ? initialize(target, client, capabilities) : client;
    }),
  );
  const requests = clients.map((client) => toRequest(client, sumCall));
  const run = async (total: number) => {
    const times: number[] = [];
    await share(total, inFlight, async (_index, worker) => {
      const begun = performance.now();
      await callSum(target, requests[worker] as Sent);
      times.push(performance.now() - begun);
    });
    return times;
  };
  await run(Math.max(inFlight, Math.ceil(calls / 10)));
  const [begun, cpu] = [performance.now(), readCpu(target.pid)];
  const times = await run(calls);
  return { times, wall: performance.now() - begun, cpu: readCpu(target.pid) - cpu };
}

/** New clients, one after the other or at once. */
export interface ClientJob {
  readonly target: Target;
  readonly tokens: readonly string[];
  readonly clients: number;
}

/** Milliseconds from the first message of new clients to the answer of their first call. */
export async function connect({ target, tokens, clients }: ClientJob): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < clients; index += 1) {
    const begun = performance.now();
    await openClient(target, toToken(tokens, index));
    times.push(performance.now() - begun);
  }
  return times;
}

/**
 * Megabytes by which so many clients raised the most memory that the server's process has had: garbage makes the
 * memory of a moment swing by more than clients cost. None of them ends its session.
 * @param job `calls`: how often each calls.
 */
export async function crowd(job: ClientJob & { readonly calls: number }): Promise<number> {
  const { target, tokens, clients, calls } = job;
  const before = readPeakMemory(target.pid);
  await share(clients, 8, async (index) => {
    const client = await openClient(target, toToken(tokens, index));
    for (let time = 1; time < calls; time += 1) await callSum(target, toRequest(client, sumCall));
  });
  return readPeakMemory(target.pid) - before;
}

/** What a client does first: it opens, asks what there is, and calls it. */
async function openClient(target: Target, parts: ClientParts): Promise<ClientParts> {
  const client = await initialize(target, parts);
  await expectAnswer(target, toRequest(client, listTools), /"name":\s*"sum"/);
  await callSum(target, toRequest(client, sumCall));
  return client;
}

/** Milliseconds of the same request again and again. */
export async function repeat(job: {
  readonly target: Target;
  readonly sent: Sent;
  readonly times: number;
  /** What must stand in each answer: the source of a pattern. */
  readonly expected: string;
}): Promise<number[]> {
  const expected = new RegExp(job.expected);
  const times: number[] = [];
  for (let time = 0; time < job.times; time += 1) {
    const begun = performance.now();
    await expectAnswer(job.target, job.sent, expected);
    times.push(performance.now() - begun);
  }
  return times;
}

/** Sends many requests, some at once. @throws Error for the first that is not answered as expected. */
export async function send(job: {
  readonly target: Target;
  readonly sent: readonly Sent[];
  readonly inFlight: number;
  readonly expected: string;
}): Promise<void> {
  const expected = new RegExp(job.expected);
  await share(job.sent.length, job.inFlight, (index) =>
    expectAnswer(job.target, job.sent[index] as Sent, expected),
  );
}

/** Milliseconds of a person's calls while another sends heavy messages. */
export async function callBeside(job: {
  readonly target: Target;
  readonly accessToken: string;
  readonly heavy: Sent;
  readonly heavyAtOnce: number;
  readonly times: number;
}): Promise<number[]> {
  const { target, accessToken, heavy, heavyAtOnce } = job;
  const own = toRequest({ accessToken }, sumCall);
  const times: number[] = [];
  for (let time = 0; time < job.times; time += 1) {
    const beside = Array.from({ length: heavyAtOnce }, () => ask(target, heavy));
    const begun = performance.now();
    await callSum(target, own);
    times.push(performance.now() - begun);
    await Promise.all(beside);
  }
  return times;
}

function toToken(tokens: readonly string[], index: number): { readonly accessToken?: string } {
  const accessToken = tokens[index % tokens.length];
  return accessToken === undefined ? {} : { accessToken };
}

/** Does a work so many times, some at once. */
async function share(
  times: number,
  atOnce: number,
  work: (index: number, worker: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const run = async (worker: number) => {
    while (next < times) {
      const index = next;
      next += 1;
      await work(index, worker);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, worker) => run(worker)));
}
