import { randomBytes } from "node:crypto";
import { everyScope } from "../../support/connect.ts";
import { postMessage, postModern, SseStream } from "../../support/mcp-by-hand.ts";
import type { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import type { Random } from "./random.ts";

/** What a load run counts. */
export interface LoadTally {
  people: number;
  /** Streams that stay open all the time. */
  streams: number;
  /** Calls of tools, those over streams among them. */
  calls: number;
  refreshes: number;
  logins: number;
  revocations: number;
  /** Answers that hold anything of another person, or that belong to another call. */
  foreign: number;
  /** Answers with the person's own data, but not what was asked for. */
  wrong: number;
  /** Requests that were refused though they were good. */
  failed: number;
}

/** A connection of one app. */
interface Connection {
  readonly app: OAuthApp;
  readonly path: "/mcp" | "/sse";
  accessToken: string;
  refreshToken: string;
}

/** What a member needs of the run. */
export interface MemberParts {
  readonly index: number;
  readonly origin: string;
  readonly random: Random;
  readonly apps: readonly OAuthApp[];
  readonly tally: LoadTally;
  /** Takes what went wrong. */
  readonly report: (problem: string) => void;
}

/** Ids of messages, the same in no two of them. */
let lastMessage = 0;

/** Everything in an answer by which a person is known. */
const traces = /mark-[0-9a-f]{16}|person-\d+@example\.com/g;

/** Values that a member keeps at most. */
const mostValues = 20;

/**
 * One person of a crowd with a few connections, who knows what the server must answer: who they are and
 * what they had it keep. Everything they store has a mark that nobody else has.
 */
export class Member implements AsyncDisposable {
  readonly #parts: MemberParts;
  readonly #person: Person;
  readonly #mark = `mark-${randomBytes(8).toString("hex")}`;
  readonly #values = new Map<string, string>();
  readonly #connections: Connection[] = [];
  #stream: { readonly events: SseStream; readonly connection: Connection } | undefined;
  #id: string | undefined;

  constructor(parts: MemberParts) {
    this.#parts = parts;
    this.#person = new Person(`person-${parts.index}@example.com`);
  }

  /** Signs in for the first time, and opens a stream that stays. */
  async enter(withStream: boolean): Promise<void> {
    await this.#logIn("/mcp");
    if (!withStream) return;
    const connection = await this.#logIn("/sse");
    const { origin } = this.#parts;
    this.#stream = {
      events: await SseStream.open(`${origin}/sse`, connection.accessToken),
      connection,
    };
  }

  /** Does the next thing: mostly calls, now and then something with a connection. */
  async act(): Promise<void> {
    const { random } = this.#parts;
    const kind = random.next();
    if (kind < 0.08) return this.#refresh();
    if (kind < 0.09 && this.#connections.length < 4) return void (await this.#logIn("/mcp"));
    if (kind < 0.1) return this.#revoke();
    if (kind < 0.25 && this.#stream !== undefined) return this.#callOverStream();
    // Two windows of a person ask at once. Only one of them writes.
    if (kind < 0.5) return void (await Promise.all([this.#call(), this.#whoAmI()]));
    return this.#call();
  }

  /** The first answer of a person tells their id; no two have the same. */
  get id(): string | undefined {
    return this.#id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stream?.events[Symbol.asyncDispose]();
  }

  async #logIn(path: "/mcp" | "/sse"): Promise<Connection> {
    const { random, apps, tally } = this.#parts;
    // A second connection to the same app would take the place of the first.
    const free = apps.filter((app) => !this.#connections.some((own) => own.app === app));
    const app = random.pick(free);
    const login = await app.logIn(this.#person, { path, scope: everyScope });
    tally.logins += 1;
    const { accessToken, refreshToken } = login;
    const connection = { app, path, accessToken, refreshToken };
    this.#connections.push(connection);
    return connection;
  }

  /** New tokens, while a call with the old one is under way. */
  async #refresh(): Promise<void> {
    const { random, tally } = this.#parts;
    const connection = random.pick(this.#connections);
    const [{ status, body }] = await Promise.all([
      connection.app.refresh(connection.refreshToken),
      this.#whoAmI(),
    ]);
    tally.refreshes += 1;
    const { access_token, refresh_token } = body;
    if (status !== 200 || access_token === undefined || refresh_token === undefined) {
      return this.#fail(`a refresh was answered ${status} ${JSON.stringify(body)}`);
    }
    connection.accessToken = access_token;
    connection.refreshToken = refresh_token;
  }

  /** Gives a connection back (RFC 7009): its tokens end, and the others stay. */
  async #revoke(): Promise<void> {
    const { origin, random, tally } = this.#parts;
    const ended = random.pick(this.#calling());
    this.#connections.splice(this.#connections.indexOf(ended), 1);
    const form = { client_id: ended.app.clientId, token: ended.refreshToken };
    const body = new URLSearchParams(form);
    const { status } = await fetch(`${origin}/token`, { method: "POST", body });
    tally.revocations += 1;
    if (status !== 200) this.#fail(`a revocation was answered ${status}`);
    const after = await postMessage(`${origin}/mcp`, ended.accessToken);
    await after.body?.cancel();
    if (after.status !== 401)
      this.#wrong(`a token that was given back was answered ${after.status}`);
    if (this.#calling().length === 0) await this.#logIn("/mcp");
  }

  #calling(): Connection[] {
    return this.#connections.filter(({ path }) => path === "/mcp");
  }

  async #call(): Promise<void> {
    const { random } = this.#parts;
    const names = [...this.#values.keys()];
    const kind = random.pick(["sum", "whoami", "put", "get", "list"] as const);
    if (kind === "whoami" || (names.length === 0 && kind === "get")) return this.#whoAmI();
    if (kind === "sum") return this.#sum();
    if (kind === "get") return this.#get(random.pick(names));
    if (kind === "list") return this.#getAll();
    return this.#put();
  }

  async #whoAmI(): Promise<void> {
    this.#checkWho(await this.#ask("whoami", {}));
  }

  async #sum(): Promise<void> {
    const { random } = this.#parts;
    const [a, b] = [random.whole(0, 1_000_000), random.whole(0, 1_000_000)];
    const answer = await this.#ask("sum", { a, b });
    if (answer !== undefined && answer.sum !== a + b) {
      this.#wrong(`${a} + ${b} is ${JSON.stringify(answer)}`);
    }
  }

  async #put(): Promise<void> {
    const { random } = this.#parts;
    const name = `value-${random.whole(1, mostValues)}`;
    const value = `${this.#mark} ${random.whole(0, 1_000_000)}`;
    const answer = await this.#ask("put", { name, value });
    if (answer === undefined) return;
    if (answer.name !== name || answer.replaced !== this.#values.has(name)) {
      this.#wrong(`put ${name} answered ${JSON.stringify(answer)}`);
    }
    this.#values.set(name, value);
  }

  async #get(name: string): Promise<void> {
    const answer = await this.#ask("get", { name });
    this.#checkValues(answer, [[name, this.#values.get(name)]]);
  }

  async #getAll(): Promise<void> {
    const answer = await this.#ask("get", { limit: 200 });
    this.#checkValues(answer, [...this.#values]);
  }

  async #callOverStream(): Promise<void> {
    const { random, tally } = this.#parts;
    if (this.#stream === undefined) return;
    const { events, connection } = this.#stream;
    tally.calls += 1;
    const isList = random.happens(0.5);
    const message = toMessage(isList ? "get" : "whoami", isList ? { limit: 200 } : {});
    await events.tell(connection.accessToken, message);
    const answer = this.#read(await events.next(), message.id);
    if (isList) this.#checkValues(answer, [...this.#values]);
    else this.#checkWho(answer);
  }

  #checkWho(answer: Answer): void {
    if (answer === undefined) return;
    this.#id ??= String(answer.id);
    if (answer.id !== this.#id || answer.email !== this.#person.email) {
      this.#foreign(`whoami answered ${JSON.stringify(answer)}`);
    }
  }

  #checkValues(answer: Answer, expected: [string, string | undefined][]): void {
    if (answer === undefined) return;
    const values = answer.values as { readonly name: string; readonly value: string }[];
    const found = new Map(values.map(({ name, value }) => [name, value]));
    const isRight =
      found.size === expected.length &&
      expected.every(([name, value]) => found.get(name) === value);
    if (!isRight) this.#wrong(`get answered ${JSON.stringify(values)}`);
  }

  async #ask(tool: string, args: Readonly<Record<string, unknown>>): Promise<Answer> {
    const { origin, random, tally } = this.#parts;
    const { accessToken } = random.pick(this.#calling());
    const url = `${origin}/mcp`;
    tally.calls += 1;
    const message = toMessage(tool, args);
    const isModern = random.happens(0.5);
    const response = isModern
      ? await postModern(url, accessToken, "tools/call", message.params)
      : await postMessage(url, accessToken, message);
    const text = await response.text();
    if (response.status !== 200) {
      this.#fail(`${tool} was answered ${response.status} ${text}`);
      return undefined;
    }
    // The helper for the modern protocol numbers every message 1.
    return this.#read(/^data: (.*)$/m.exec(text)?.[1] ?? text, isModern ? 1 : message.id);
  }

  /** The structured answer, after a look for anything that is another person's. */
  #read(text: string, id: number): Answer {
    const others = [...text.matchAll(traces)]
      .map(([found]) => found)
      .filter((found) => found !== this.#mark && found !== this.#person.email);
    if (others.length > 0) this.#foreign(`an answer holds ${others.join(", ")}`);
    const answer = JSON.parse(text) as {
      readonly id?: unknown;
      readonly result?: { readonly isError?: boolean; readonly structuredContent?: Answer };
    };
    if (answer.id !== id)
      this.#foreign(`message ${id} was answered as ${JSON.stringify(answer.id)}`);
    const { structuredContent, isError } = answer.result ?? {};
    if (structuredContent !== undefined && isError !== true) return structuredContent;
    // Another person's answer to a get may well be that there is nothing.
    this.#wrong(`the answer is ${text}`);
    return undefined;
  }

  #foreign(problem: string): void {
    this.#parts.tally.foreign += 1;
    this.#parts.report(`${this.#person.email}: ${problem}`);
  }

  #wrong(problem: string): void {
    this.#parts.tally.wrong += 1;
    this.#parts.report(`${this.#person.email}: ${problem}`);
  }

  #fail(problem: string): void {
    this.#parts.tally.failed += 1;
    this.#parts.report(`${this.#person.email}: ${problem}`);
  }
}

type Answer = Readonly<Record<string, unknown>> | undefined;

function toMessage(name: string, args: Readonly<Record<string, unknown>>) {
  lastMessage += 1;
  const params = { name, arguments: args };
  return { jsonrpc: "2.0", id: lastMessage, method: "tools/call", params };
}
