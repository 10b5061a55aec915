import { listTools } from "../../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { readCpu, readMemory } from "../process-use.ts";
import {
  type Answer,
  ask,
  type Meter,
  makeAddress,
  origin,
  type Sent,
  type Target,
  toFetch,
} from "./http.ts";
import {
  type ClientParts,
  callSum,
  type Era,
  expectAnswer,
  initialize,
  sumCall,
  toRequest,
} from "./messages.ts";

/** How a person signs in: on the server's pages, or with one redirect. */
export type LoginWay = "pages" | "redirect";

/** One login. */
export interface TimedLogin {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Milliseconds from the registration to the tokens, the client's own work included. */
  readonly wall: number;
  /** Milliseconds until the answers were there, one after the other. */
  readonly server: number;
  readonly requests: number;
}

let people = 0;

/** Logins one after the other. */
export interface TimedLogins {
  readonly logins: readonly TimedLogin[];
  /** CPU milliseconds of the server's process, all together. */
  readonly cpu: number;
}

/** Signs new people in with new clients. */
async function logIn(job: {
  readonly target: Target;
  readonly way: LoginWay;
  /** Path of the resource that the token is for. */
  readonly path: string;
  readonly times: number;
}): Promise<TimedLogins> {
  const logins: TimedLogin[] = [];
  const { fetch: ownFetch } = globalThis;
  const cpu = readCpu(job.target.pid);
  try {
    for (let time = 0; time < job.times; time += 1) {
      const meter: Meter = { server: 0, requests: 0 };
      // What signs people in asks by `fetch`.
      globalThis.fetch = toFetch(job.target, meter, makeAddress());
      people += 1;
      const person = new Person(`person-${process.pid}-${people}@example.com`);
      const begun = performance.now();
      const app = await OAuthApp.register(origin);
      const authorization = app.begin({ path: job.path });
      const location =
        job.way === "pages"
          ? await person.authorize(authorization.url)
          : await followRedirect(authorization.url);
      const { status, body } = await app.redeem(readCode(location), authorization);
      const wall = performance.now() - begun;
      const { access_token: accessToken, refresh_token: refreshToken } = body;
      if (accessToken === undefined || refreshToken === undefined) {
        throw new Error(`The token endpoint answered ${status}: ${JSON.stringify(body)}`);
      }
      logins.push({ clientId: app.clientId, accessToken, refreshToken, wall, ...meter });
    }
  } finally {
    globalThis.fetch = ownFetch;
  }
  return { logins, cpu: readCpu(job.target.pid) - cpu };
}

async function followRedirect(url: URL): Promise<URL> {
  const answer = await fetch(url, { redirect: "manual" });
  const location = answer.headers.get("location");
  if (location === null) {
    throw new Error(`/authorize answered ${answer.status}: ${await answer.text()}`);
  }
  return new URL(location);
}

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
async function call(job: CallJob): Promise<TimedCalls> {
  const { target, era, inFlight, calls, hasSessions, capabilities } = job;
  const clients = await Promise.all(
    Array.from({ length: inFlight }, (_, index): ClientParts | Promise<ClientParts> => {
      const accessToken = job.tokens[index % job.tokens.length];
      const client = { era, ...(accessToken !== undefined && { accessToken }) };
      return hasSessions ? initialize(target, client, capabilities) : client;
    }),
  );
  const requests = clients.map((client) => toRequest(client, sumCall));
  const times: number[] = [];
  const run = async (total: number) => {
    let left = total;
    const work = async (sent: (typeof requests)[number]) => {
      while (left > 0) {
        left -= 1;
        const begun = performance.now();
        await callSum(target, sent);
        times.push(performance.now() - begun);
      }
    };
    await Promise.all(requests.map(work));
  };
  await run(Math.max(inFlight, Math.ceil(calls / 10)));
  times.length = 0;
  const [begun, cpu] = [performance.now(), readCpu(target.pid)];
  await run(calls);
  return { times, wall: performance.now() - begun, cpu: readCpu(target.pid) - cpu };
}

/** Milliseconds from the first message of new clients to the answer of their first call. */
async function connect(job: {
  readonly target: Target;
  readonly tokens: readonly string[];
  readonly times: number;
}): Promise<number[]> {
  const times: number[] = [];
  for (let time = 0; time < job.times; time += 1) {
    const accessToken = job.tokens[time % job.tokens.length];
    const begun = performance.now();
    await openClient(job.target, accessToken === undefined ? {} : { accessToken });
    times.push(performance.now() - begun);
  }
  return times;
}

/** What a client does first: it opens, asks what there is, and calls it. */
async function openClient(target: Target, parts: ClientParts): Promise<void> {
  const client = await initialize(target, parts);
  await expectAnswer(target, toRequest(client, listTools), /"name":\s*"sum"/);
  await callSum(target, toRequest(client, sumCall));
}

/** Megabytes by which the server's process grew with so many clients, each of which called once. */
async function crowd(job: {
  readonly target: Target;
  readonly tokens: readonly string[];
  readonly clients: number;
}): Promise<number> {
  const { target, tokens, clients } = job;
  const before = readMemory(target.pid);
  let left = clients;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const accessToken = tokens[left % tokens.length];
      await openClient(target, accessToken === undefined ? {} : { accessToken });
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return readMemory(target.pid) - before;
}

/** Sends one request. */
function askOnce(job: { readonly target: Target; readonly sent: Sent }): Promise<Answer> {
  return ask(job.target, job.sent);
}

/** Opens a client. @returns it with its session, where the server keeps sessions. */
function open(job: {
  readonly target: Target;
  readonly client: ClientParts;
  readonly capabilities?: object;
}): Promise<ClientParts> {
  return initialize(job.target, job.client, job.capabilities);
}

/** Exchanges a refresh token. */
async function refresh(job: {
  readonly target: Target;
  readonly login: Pick<TimedLogin, "clientId" | "refreshToken">;
}): Promise<void> {
  const { clientId, refreshToken } = job.login;
  const answer = await ask(job.target, {
    method: "POST",
    path: "/token",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: clientId,
      refresh_token: refreshToken,
    }).toString(),
  });
  if (answer.status !== 200) throw new Error(`/token answered ${answer.status}: ${answer.text}`);
}

/** What the process that makes load can do. */
export const jobs = { logIn, call, connect, crowd, askOnce, open, refresh } as const;

/** Its jobs by name. */
export type Jobs = typeof jobs;
