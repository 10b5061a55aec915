import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { pkce } from "../tests/support/pkce.ts";
import { OAuthWorker } from "../tests/support/worker/oauth-worker.ts";

/** What is counted while one request is answered. */
interface Counted {
  /** Times that a request's headers were copied. */
  copies: number;
  /** Times that a line of the log was built, and that one went out. */
  built: number;
  written: number;
}

const counted: Counted = { copies: 0, built: 0, written: 0 };

/** A header that only the client's own request has, whichever object it is copied to. */
const mark = "x-counted";

const isMarked = (headers: unknown) => headers instanceof Headers && headers.has(mark);

beforeEach(() => {
  const [OwnHeaders, OwnRequest] = [Headers, Request];
  vi.stubGlobal(
    "Headers",
    class extends OwnHeaders {
      constructor(init?: HeadersInit) {
        super(init);
        if (isMarked(init)) counted.copies += 1;
      }
      static override [Symbol.hasInstance](value: unknown) {
        return value instanceof OwnHeaders;
      }
    },
  );
  vi.stubGlobal(
    "Request",
    class extends OwnRequest {
      constructor(input: RequestInfo | URL, init?: RequestInit) {
        super(input, init);
        if (isMarked(this.headers)) counted.copies += 1;
      }
      static override [Symbol.hasInstance](value: unknown) {
        return value instanceof OwnRequest;
      }
    },
  );
  const { stringify } = JSON;
  vi.spyOn(JSON, "stringify").mockImplementation((value: unknown, ...rest: unknown[]) => {
    if (typeof value === "object" && value !== null && "event" in value) counted.built += 1;
    return Reflect.apply(stringify, JSON, [value, ...rest]) as string;
  });
  vi.spyOn(console, "log").mockImplementation(() => {
    counted.written += 1;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await reset();
});

/** Sends a request whose headers are marked. @returns what was counted; the first copy is the test's own. */
async function count(worker: OAuthWorker, path: string, init: RequestInit = {}): Promise<Counted> {
  Object.assign(counted, { copies: -1, built: 0, written: 0 } satisfies Counted);
  const headers = { ...(init.headers as Record<string, string>), [mark]: "yes" };
  const answer = await worker.fetch(path, { ...init, headers, redirect: "manual" });
  const result = { ...counted };
  expect(answer.status, await answer.text()).toBeLessThan(400);
  return result;
}

test("a call, a page and a token request copy no header more than twice, and build each line of the log once", async () => {
  const worker = new OAuthWorker();
  const { clientId, tokens } = await worker.logIn();
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: "http://localhost:9999/callback",
    code_challenge: pkce.challenge,
    code_challenge_method: "S256",
  });
  const { origin, host } = new URL(worker.settings.origin);
  const call = {
    method: "POST",
    headers: {
      host,
      authorization: `Bearer ${tokens.access_token}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" }),
  };
  const signIn = new URLSearchParams({ step: "sign-in", email: "ada@example.com", password: "x" });
  const refresh = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: clientId,
    refresh_token: tokens.refresh_token,
  });
  const all: Record<string, Counted> = {
    "/mcp": await count(worker, "/mcp", call),
    "/authorize": await count(worker, `/authorize?${query}`),
    "the form": await count(worker, `/authorize?${query}`, {
      method: "POST",
      headers: { origin },
      body: signIn,
    }),
    "/token": await count(worker, "/token", { method: "POST", body: refresh }),
  };
  for (const [name, { copies, built, written }] of Object.entries(all)) {
    expect(written, name).toBeGreaterThan(0);
    expect(built, name).toBe(written);
    expect(copies, name).toBeLessThanOrEqual(2);
  }
  expect(all["/mcp"]?.copies).toBe(0);
});
