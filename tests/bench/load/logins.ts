import { OAuthApp, readCode } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { readCpu } from "../process-use.ts";
import { ask, type Meter, makeAddress, origin, startMeter, type Target, toFetch } from "./http.ts";

/** How a person signs in: on the server's pages, or with one redirect. */
export type LoginWay = "pages" | "redirect";

/** Whose logins. */
export interface LoginJob {
  readonly target: Target;
  readonly way: LoginWay;
  /** Path of the resource that the token is for. */
  readonly path: string;
  readonly times: number;
  /** Scopes that are asked for, parted by spaces. Default: the fixture's base scopes. */
  readonly scope?: string;
}

/** One login. */
export interface TimedLogin {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** `Cookie` header of the person's browser. Empty where there was no page. */
  readonly cookies: string;
  /** Milliseconds from the registration to the tokens, the client's own work included. */
  readonly wall: number;
  /** Milliseconds until the answers were there, one after the other. */
  readonly server: number;
  /** The same of each path. */
  readonly paths: Readonly<Record<string, number>>;
  readonly requests: number;
}

/** Logins one after the other. */
export interface TimedLogins {
  readonly logins: readonly TimedLogin[];
  /** CPU milliseconds of the server's process, all together. */
  readonly cpu: number;
}

let people = 0;

/** Signs new people in with new clients. */
export async function logIn(job: LoginJob): Promise<TimedLogins> {
  const { target, way, path, times, scope } = job;
  const logins: TimedLogin[] = [];
  const cpu = readCpu(target.pid);
  for (let time = 0; time < times; time += 1) {
    const meter = startMeter();
    using _fetch = replaceFetch(target, meter);
    const person = meet();
    const begun = performance.now();
    const app = await OAuthApp.register(origin);
    const authorization = app.begin({ path, ...(scope !== undefined && { scope }) });
    const code = await approve(person, authorization.url, way);
    const { status, body } = await app.redeem(code, authorization);
    const wall = performance.now() - begun;
    const { access_token: accessToken, refresh_token: refreshToken } = body;
    if (accessToken === undefined || refreshToken === undefined) {
      throw new Error(`The token endpoint answered ${status}: ${JSON.stringify(body)}`);
    }
    const cookies = await person.browser.readCookies(origin);
    const { clientId } = app;
    logins.push({ clientId, accessToken, refreshToken, cookies, wall, ...meter });
  }
  return { logins, cpu: readCpu(target.pid) - cpu };
}

/** How often two requests at once went wrong. */
export interface Races {
  /** Connections that two refreshes at once ended for one of two processes. */
  readonly lost: number;
  /** Codes that were exchanged twice. */
  readonly doubled: number;
}

/** Sends two refreshes at once, and a code twice, as two windows of one program do. */
export async function race(job: LoginJob): Promise<Races> {
  let lost = 0;
  let doubled = 0;
  for (let time = 0; time < job.times; time += 1) {
    using _fetch = replaceFetch(job.target, startMeter());
    const person = meet();
    const app = await OAuthApp.register(origin);
    const first = app.begin({ path: job.path });
    const { body } = await app.redeem(await approve(person, first.url, job.way), first);
    const refreshToken = body.refresh_token ?? "";
    const pair = await Promise.all([app.refresh(refreshToken), app.refresh(refreshToken)]);
    const next: number[] = [];
    for (const answer of pair) {
      next.push((await app.refresh(answer.body.refresh_token ?? "")).status);
    }
    if (next.some((status) => status !== 200)) lost += 1;
    const other = app.begin({ path: job.path });
    const code = await approve(person, other.url, job.way);
    const paid = await Promise.all([app.redeem(code, other), app.redeem(code, other)]);
    if (paid.filter(({ status }) => status === 200).length > 1) doubled += 1;
  }
  return { lost, doubled };
}

/** Exchanges a refresh token. @throws Error where it is refused. */
export async function refresh(job: {
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

/** Somebody new. */
function meet(): Person {
  people += 1;
  return new Person(`person-${process.pid}-${people}@example.com`);
}

/** What signs people in asks by `fetch`. This process has no other use for it. */
function replaceFetch(target: Target, meter: Meter): Disposable {
  const { fetch: own } = globalThis;
  globalThis.fetch = toFetch(target, meter, makeAddress());
  return {
    [Symbol.dispose]() {
      globalThis.fetch = own;
    },
  };
}

async function approve(person: Person, url: URL, way: LoginWay): Promise<string> {
  return readCode(way === "pages" ? await person.authorize(url) : await followRedirect(url));
}

async function followRedirect(url: URL): Promise<URL> {
  const answer = await fetch(url, { redirect: "manual" });
  const location = answer.headers.get("location");
  if (location === null) {
    throw new Error(`/authorize answered ${answer.status}: ${await answer.text()}`);
  }
  return new URL(location);
}
