import { postMessage, toToolCall } from "../../support/mcp-by-hand.ts";
import type { SimulatedStack } from "../../support/simulation/simulated-stack.ts";
import type { Random } from "./random.ts";
import type { Ledger } from "./tally.ts";
import type { Timeline } from "./timeline.ts";

/** What a client keeps of its connection. */
export interface StoredTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Milliseconds since the epoch when the access token ends. */
  readonly expiresAt: number;
}

/** Where the processes of one client keep their tokens: a file, a keychain. */
export interface TokenStore {
  tokens: StoredTokens;
}

/** Who a process acts for, and where. */
export interface ProcessParts {
  readonly world: SimulatedStack;
  readonly timeline: Timeline;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly clientId: string;
  readonly store: TokenStore;
  /** Name of the process: its values are kept under it. */
  readonly name: string;
  /** The person's id, as every answer must tell it. */
  readonly personId: string;
  readonly email: string;
  /** Where in the world its requests come in. */
  readonly place: string;
  readonly address: string;
  /** Share of the refreshes whose answer does not reach the client. */
  readonly lostShare: number;
  /** Signs the person in again, after it was signed out. */
  readonly signIn: () => Promise<StoredTokens>;
}

/** Milliseconds before its end when a client takes an access token for ended. */
const margin = 30_000;

/** How often a call or refresh is sent that is told to come again. */
const mostTries = 8;

/** Share of the refreshes during which the gate is taken out of memory. */
const abortedRefreshes = 0.15;

/** Share of the calls during which an object is taken out of memory. */
const abortedCalls = 0.03;

/** What a call or a refresh came to. */
type Outcome<Value> =
  | { readonly kind: "done"; readonly value: Value }
  | { readonly kind: "again"; readonly after: number }
  | { readonly kind: "refused"; readonly why: string };

/**
 * One of several processes of a client that share a token store, as the windows of a desktop app do. It
 * reads the store again before each refresh, and acts in simulated time.
 */
export class ClientProcess {
  readonly #parts: ProcessParts;
  /** Its own copy: it does not know what others have stored since. */
  #held: StoredTokens;
  #written: number | undefined;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#held = parts.store.tokens;
  }

  /** A few calls, as a person causes them with one question. */
  async act(): Promise<void> {
    const { random, timeline } = this.#parts;
    for (let calls = random.whole(1, 3); calls > 0; calls--) {
      await this.#call();
      if (calls > 1) await timeline.sleep(random.between(0, 90_000));
    }
  }

  /** One call of a tool with a checked answer. */
  async #call(): Promise<void> {
    const { random, ledger, name, email, personId } = this.#parts;
    const kind = random.pick(["whoami", "put", "get", "sum"] as const);
    switch (kind) {
      case "whoami":
        return this.#ask(kind, {}, (answer) => answer.id === personId && answer.email === email);
      case "put": {
        const value = ledger.tally.calls;
        return this.#ask(kind, { name, value }, (answer) => {
          this.#written = value;
          return answer.name === name;
        });
      }
      case "get": {
        const written = this.#written;
        if (written === undefined) return;
        return this.#ask(kind, { name }, ({ values }) => {
          const [found] = values as { name: string; value: number }[];
          return found?.name === name && found.value === written;
        });
      }
      case "sum": {
        const [a, b] = [random.whole(0, 1000), random.whole(0, 1000)];
        return this.#ask(kind, { a, b }, ({ sum }) => sum === a + b);
      }
    }
  }

  async #ask(
    tool: string,
    args: object,
    isRight: (answer: Readonly<Record<string, unknown>>) => boolean,
  ): Promise<void> {
    const { ledger, timeline } = this.#parts;
    for (let tries = 1; ; tries++) {
      // The answer of a refresh that was lost for hours has a token that has ended meanwhile.
      for (let renewed = 0; renewed < mostTries && this.#isEnding(); renewed++) {
        if (!(await this.#renew())) return;
      }
      if (tries === 1) ledger.count("calls");
      const sent = this.#send(tool, args);
      const [outcome] = await Promise.all([sent, this.#maybeAbort(abortedCalls, sent)]);
      if (outcome.kind === "done") {
        if (!isRight(outcome.value)) {
          ledger.count("failed", `${tool} answered ${JSON.stringify(outcome.value)}`);
        }
        return;
      }
      if (outcome.kind === "refused" || tries === mostTries) {
        const why = outcome.kind === "refused" ? outcome.why : "it was told to come again for ever";
        ledger.count("failed", `${tool} at ${new Date(timeline.now).toISOString()}: ${why}`);
        return;
      }
      ledger.count("retries");
      await timeline.sleep(outcome.after);
    }
  }

  async #send(tool: string, args: object): Promise<Outcome<Readonly<Record<string, unknown>>>> {
    const { world } = this.#parts;
    const url = `${world.origin}/mcp`;
    const { accessToken } = this.#held;
    const response = await postMessage(url, accessToken, toToolCall(tool, args), this.#headers());
    const text = await response.text();
    if (response.status !== 200) return toRefusal(response, text);
    const { result } = readMessage(text);
    if (result?.structuredContent !== undefined && result.isError !== true) {
      return { kind: "done", value: result.structuredContent };
    }
    // The words for a model: the server failed, not the arguments.
    if (/Try again/.test(text)) return { kind: "again", after: 1000 };
    return { kind: "refused", why: text };
  }

  #isEnding(): boolean {
    return this.#parts.timeline.now >= this.#held.expiresAt - margin;
  }

  /**
   * Takes what another process has stored, or else new tokens with the refresh token that is stored now.
   * @returns whether it goes on: a laptop may have been closed before the answer came.
   */
  async #renew(): Promise<boolean> {
    const { store, timeline, ledger, random, lostShare, signIn } = this.#parts;
    for (let tries = 1; ; tries++) {
      const { tokens } = store;
      if (
        tokens.accessToken !== this.#held.accessToken &&
        timeline.now < tokens.expiresAt - margin
      ) {
        this.#held = tokens;
        return true;
      }
      const sent = this.#refresh(tokens.refreshToken);
      const [outcome] = await Promise.all([sent, this.#maybeAbort(abortedRefreshes, sent)]);
      if (outcome.kind === "done") {
        ledger.count("refreshes");
        if (random.happens(lostShare)) {
          ledger.count("lostAnswers");
          // The laptop was closed, or else the connection broke before the answer came.
          if (random.happens(0.3)) return false;
          await timeline.sleep(random.between(500, 45_000));
          continue;
        }
        store.tokens = outcome.value;
        this.#held = outcome.value;
        return true;
      }
      if (outcome.kind === "again" && tries < mostTries) {
        ledger.count("retries");
        await timeline.sleep(outcome.after);
        continue;
      }
      const why = outcome.kind === "refused" ? outcome.why : "it was told to come again for ever";
      ledger.count("signedOut", `${new Date(timeline.now).toISOString()}: ${why}`);
      store.tokens = await signIn();
      this.#held = store.tokens;
      return true;
    }
  }

  async #refresh(refreshToken: string): Promise<Outcome<StoredTokens>> {
    const { world, timeline, clientId } = this.#parts;
    const body = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
      // Two versions of a client may differ in whether they name the endpoint (RFC 8707).
      ...(this.#parts.random.happens(0.5) && { resource: `${world.origin}/mcp` }),
    });
    const headers = this.#headers();
    const response = await fetch(`${world.origin}/token`, { method: "POST", body, headers });
    const text = await response.text();
    if (response.status !== 200) return toRefusal(response, text);
    return { kind: "done", value: toTokens(JSON.parse(text) as TokenAnswer, timeline.now) };
  }

  /** Takes an object out of memory while a request is under way. */
  async #maybeAbort(share: number, request: Promise<unknown>): Promise<void> {
    const { random, world, ledger } = this.#parts;
    if (!random.happens(share)) return;
    const binding =
      share === abortedRefreshes ? "TOKEN_GATES" : random.pick(["PEOPLE", "TOKEN_GATES"]);
    const pick = random.next();
    // Sometimes at once, sometimes when it has begun.
    await Promise.race([request, pause(random.between(0, 8))]);
    if ((await world.abortObject(binding, pick)) !== null) ledger.count("restartedObjects");
  }

  #headers(): Record<string, string> {
    const { place, address } = this.#parts;
    return { "x-simulated-place": place, "x-simulated-address": address };
  }
}

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

/** What a client keeps of an answer of the token endpoint. @param now milliseconds since the epoch. */
export function toTokens(answer: TokenAnswer, now: number): StoredTokens {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresAt: now + answer.expires_in * 1000,
  };
}

/** Only `Retry-After` (RFC 9110 section 10.2.3) tells a program to come again. */
function toRefusal({ status, headers }: Response, text: string): Outcome<never> {
  const after = headers.get("retry-after");
  if (after !== null && (status === 429 || status === 503)) {
    return { kind: "again", after: Number(after) * 1000 };
  }
  return { kind: "refused", why: `${status} ${text.slice(0, 300)}` };
}

interface ToolMessage {
  readonly result?: {
    readonly isError?: boolean;
    readonly structuredContent?: Readonly<Record<string, unknown>>;
  };
}

/** The message in an answer, be it JSON or a stream of one event. */
function readMessage(text: string): ToolMessage {
  const data = /^data: (.*)$/m.exec(text)?.[1] ?? text;
  return JSON.parse(data) as ToolMessage;
}

/** Real milliseconds. */
function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
