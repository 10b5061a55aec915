import { listDurableObjectIds, reset, runInDurableObject } from "cloudflare:test";
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OAuthWorker } from "../../../tests/support/worker/oauth-worker.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { digest } from "../../digest.ts";
import { durableObjectBindings } from "../../durable-objects.ts";
import { prove, readProven } from "../transactions/proof.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const names = Object.keys(durableObjectBindings) as (keyof typeof durableObjectBindings)[];

/** The objects of each class that were ever woken: an empty one stays, as a file of no bytes does. */
async function listObjects(): Promise<string[]> {
  const ids = names.map(async (name) =>
    (await listDurableObjectIds(workerEnv[name] as never)).map((id) => `${name} ${id}`),
  );
  return (await Promise.all(ids)).flat();
}

/** A limit of so many, each key for itself. */
function limitTo(most: number) {
  const counts = new Map<string, number>();
  return {
    async limit({ key }: { readonly key: string }) {
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { success: count <= most };
    },
  };
}

function invent(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return [...bytes].map((byte) => (byte % 36).toString(36)).join("");
}

/** Of the form of this server's codes and tokens, and nobody's. */
const inventToken = () => `${invent(22)}:${invent(16)}:${invent(32)}`;

/** Every way in which a stranger can name a grant. */
const ways: Record<string, (worker: OAuthWorker, address: string) => Promise<number>> = {
  "a call of /mcp": (worker, address) => call(worker, "/mcp", address),
  "a call of /sse": (worker, address) => call(worker, "/sse", address),
  "a code": (worker, address) =>
    ask(worker, address, { grant_type: "authorization_code", code: inventToken() }),
  "a refresh token": (worker, address) =>
    ask(worker, address, { grant_type: "refresh_token", refresh_token: inventToken() }),
  "a revocation": (worker, address) => ask(worker, address, { token: inventToken() }),
};

async function call(worker: OAuthWorker, path: string, address: string): Promise<number> {
  const answer = await worker.fetch(path, {
    method: "POST",
    headers: { authorization: `Bearer ${inventToken()}`, "cf-connecting-ip": address },
    body: "{}",
  });
  await answer.body?.cancel();
  if (answer.status === 429) expect(answer.headers.get("retry-after")).toBe("60");
  return answer.status;
}

async function ask(worker: OAuthWorker, address: string, fields: Record<string, string>) {
  const answer = await worker.fetch("/token", {
    method: "POST",
    headers: { "cf-connecting-ip": address },
    body: new URLSearchParams({ client_id: "nobody", ...fields }),
  });
  await answer.body?.cancel();
  return answer.status;
}

for (const [way, send] of Object.entries(ways)) {
  test(`${way} that was invented wakes no more objects than an address may, and they keep nothing`, async () => {
    const worker = new OAuthWorker();
    // The token endpoint's own limit is not what is looked at.
    const limit = limitTo(8);
    const TOKEN_LIMIT = {
      limit: ({ key }: { key: string }) =>
        key.startsWith("unknown:") ? limit.limit({ key }) : Promise.resolve({ success: true }),
    };
    Object.assign(worker.env, { TOKEN_LIMIT });
    const before = await listObjects();
    const statuses: number[] = [];
    for (let index = 0; index < 30; index++) statuses.push(await send(worker, "203.0.113.1"));
    expect(statuses.filter((status) => status === 429)).toHaveLength(22);
    const woken = (await listObjects()).filter((object) => !before.includes(object));
    expect(woken.map((object) => object.split(" ")[0])).toEqual(Array(8).fill("TOKEN_GATES"));
    // Somebody else is not kept out, nor refused for it.
    expect(await send(worker, "203.0.113.2")).toBeLessThan(429);
    const gates = workerEnv.TOKEN_GATES as unknown as DurableObjectNamespace;
    for (const [, id = ""] of woken.map((object) => object.split(" "))) {
      const stub = gates.get(gates.idFromString(id));
      const kept = await runInDurableObject(stub as never, async (_gate, { storage }) => ({
        rows: (await storage.list()).size,
        alarm: await storage.getAlarm(),
        bytes: storage.sql.databaseSize,
      }));
      // The one page that an empty database has.
      expect(kept).toEqual({ rows: 0, alarm: null, bytes: 4096 });
    }
  });
}

test("a page or a visit that was invented wakes nothing: its handle proves itself, with any key of the ring", async () => {
  const worker = new OAuthWorker({ identity: { method: "github", githubClientId: "app" } });
  const { origin } = new URL(worker.settings.origin);
  const before = await listObjects();
  for (const handle of [invent(43), `${invent(43)}.${invent(16)}`, "", "."]) {
    // What the library wants of a browser is a cookie with the handle's hash, and anybody can make one.
    const hashes = await Promise.all([handle, handle.split(".")[0] ?? ""].map(digest));
    const cookie = hashes
      .flatMap((hash) =>
        ["consent", "upstream"].map((kind) => `__Host-oauth-${kind}-${hash.slice(0, 16)}=${hash}`),
      )
      .join("; ");
    for (const decision of ["deny", "approve"]) {
      const answer = await worker.fetch("/authorize?client_id=x", {
        method: "POST",
        headers: { origin, cookie, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ step: "consent", decision, handle }).toString(),
      });
      expect(answer.status, decision).toBeLessThan(500);
    }
    const back = await worker.fetch(`/authorize/callback?code=c&state=${handle}`, {
      headers: { cookie },
    });
    expect(back.status).toBe(400);
  }
  expect((await listObjects()).filter((object) => !before.includes(object))).toEqual([]);
});

test("a handle is good with the key of before, with no other, and not for a page", async () => {
  const handle = invent(43);
  const proven = await prove({ SESSION_KEYS: "old" }, "transaction", handle);
  const read = (keys: string, text = proven) =>
    readProven({ SESSION_KEYS: keys }, "transaction", text);
  expect(await read("new old")).toBe(handle);
  expect(await read("new newer")).toBeUndefined();
  expect(await read("old", `x${proven}`)).toBeUndefined();
  expect(await readProven({ SESSION_KEYS: "old" }, "page", proven)).toBeUndefined();
});

test("a session that was invented wakes nothing: the runtime knows its own ids", async () => {
  const worker = new OAuthWorker();
  const { access_token: mcp } = (await worker.logIn({ path: "/mcp" })).tokens;
  const { access_token: sse } = (await worker.logIn({ path: "/sse" })).tokens;
  const hex = (length: number) =>
    [...crypto.getRandomValues(new Uint8Array(length))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
  const headers = {
    host: new URL(worker.settings.origin).host,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  const before = await listObjects();
  for (let index = 0; index < 20; index++) {
    const inSession = await worker.fetch("/mcp", {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${mcp}`, "mcp-session-id": hex(32) },
      body,
    });
    expect(inSession.status).toBe(404);
    const message = await worker.fetch(`/sse/message?sessionId=${hex(32)}`, {
      method: "POST",
      headers: { ...headers, authorization: `Bearer ${sse}` },
      body,
    });
    expect(message.status).toBe(404);
  }
  expect((await listObjects()).filter((object) => !before.includes(object))).toEqual([]);
});

test("a grant that KV does not show yet is not refused, and one that is known counts for nothing", async () => {
  const { OAUTH_KV: kv } = workerEnv;
  const isHidden = (key: unknown) => /^(grant|token):/.test(String(key));
  const blind = new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        name === "get" && isHidden(args[0])
          ? Promise.resolve(null)
          : (Reflect.apply(member, target, args) as unknown);
    },
  }) as KVNamespace;
  const asked: string[] = [];
  const TOKEN_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      asked.push(key);
      return { success: true };
    },
  };
  const late = new OAuthWorker({}, blind);
  Object.assign(late.env, { TOKEN_LIMIT });
  const fresh = await late.logIn();
  expect(fresh.tokens.status).toBe(200);
  expect((await late.call(fresh.tokens.access_token)).status).toBe(200);
  // The call's token: of the code's grant this isolate knows that it was made.
  expect(asked.filter((key) => key.startsWith("unknown:"))).toHaveLength(1);
  asked.length = 0;
  const worker = new OAuthWorker();
  Object.assign(worker.env, { TOKEN_LIMIT });
  const { clientId, tokens } = await worker.logIn();
  expect((await worker.call(tokens.access_token)).status).toBe(200);
  expect((await worker.refresh(clientId, tokens.refresh_token)).status).toBe(200);
  expect(asked.filter((key) => key.startsWith("unknown:"))).toEqual([]);
});
