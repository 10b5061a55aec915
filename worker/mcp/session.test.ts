import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import type { PersonState } from "../state/person-state.ts";
import type { Caller } from "./caller.ts";
import type { Session } from "./session.ts";

const sessions = workerEnv.SESSIONS as unknown as DurableObjectNamespace<Session>;
const people = workerEnv.PEOPLE as unknown as DurableObjectNamespace<PersonState>;

const ada: Caller = {
  person: { userId: "ada-id", email: "ada@example.com", method: "demo" },
  clientId: "client-one",
  grantId: "grant",
  scopes: ["demo:use", "demo:read"],
  expiresAt: undefined,
  resource: `${workerSettings.origin}/mcp`,
};

const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize" as const,
  params: {
    protocolVersion: "2025-11-25",
    capabilities: { elicitation: {} },
    clientInfo: { name: "test", version: "1.0.0" },
  },
};

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

function post(id: string, method = "POST"): Request {
  return new Request(ada.resource, {
    method,
    headers: {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      "mcp-session-id": id,
    },
  });
}

/** Starts a Streamable HTTP session. */
async function start(caller = ada) {
  const id = sessions.newUniqueId();
  const stub = sessions.get(id);
  const response = await stub.start(caller, post(id.toString()), initialize);
  expect(response.status).toBe(200);
  expect(response.headers.get("mcp-session-id")).toBe(id.toString());
  await response.text();
  return { id: id.toString(), stub };
}

async function ping({ id, stub }: Awaited<ReturnType<typeof start>>, caller = ada) {
  const message = { jsonrpc: "2.0", id: 1, method: "ping" };
  const response = await stub.handle(caller, post(id), message);
  await response.text();
  return response.status;
}

/** Opens an HTTP+SSE stream. */
async function openStream() {
  const stub = sessions.get(sessions.newUniqueId());
  const response = await stub.open(ada, "/sse/message?sessionId=x");
  return { stub, response };
}

/** What a session object has stored, as text. */
function readStorage(stub: Awaited<ReturnType<typeof start>>["stub"]): Promise<string> {
  return runInDurableObject(stub, async (_object, state) =>
    JSON.stringify([...(await state.storage.list())]),
  );
}

test("a session stores whom it belongs to as a digest, and nothing else of the person", async () => {
  const session = await start();
  const stored = await readStorage(session.stub);
  expect(stored).toContain('"initialize"');
  for (const secret of [ada.person.userId, "ada@example.com", "demo", ada.clientId, "demo:read"]) {
    expect(stored).not.toContain(secret);
  }
  const { stub, response } = await openStream();
  expect(await readStorage(stub)).toBe("[]");
  await response.body?.cancel();
});

test("a session ends after a week without use, counted from its last day of use", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const begun = Date.now();
  const days = (count: number) => vi.setSystemTime(begun + count * 86_400_000);
  const session = await start();
  days(5);
  expect(await ping(session)).toBe(200);
  days(8);
  expect(await runDurableObjectAlarm(session.stub)).toBe(true);
  expect(await ping(session)).toBe(200);
  days(16);
  expect(await runDurableObjectAlarm(session.stub)).toBe(true);
  expect(await ping(session)).toBe(404);
  expect(await readStorage(session.stub)).toBe("[]");
});

test("a stream without a message for an hour is ended, and its client hears it", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const begun = Date.now();
  const { stub, response } = await openStream();
  const reader = response.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("event: endpoint");
  vi.setSystemTime(begun + 2_400_000);
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  expect(await stub.deliver(ada, list)).toBe(202);
  expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('"tools"');
  vi.setSystemTime(begun + 4_200_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await stub.deliver(ada, list)).toBe(202);
  await reader?.read();
  vi.setSystemTime(begun + 9_000_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  let isDone = false;
  while (!isDone) isDone = (await reader?.read())?.done ?? true;
  expect(await stub.deliver(ada, list)).toBe(404);
});

test("one object has one stream", async () => {
  const { stub, response } = await openStream();
  expect((await stub.open(ada, "/sse/message?sessionId=x")).status).toBe(409);
  await response.body?.cancel();
});

test("a client that does not read is let go before its answers fill the memory", async () => {
  const { stub, response } = await openStream();
  const list = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
  let delivered = 0;
  for (; delivered < 2000; delivered++) {
    if ((await stub.deliver(ada, list)) === 404) break;
  }
  expect(delivered).toBeGreaterThan(50);
  expect(delivered).toBeLessThan(2000);
  await response.body?.cancel().catch(() => undefined);
});

test("a person has 32 sessions at once, and the oldest makes room", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const begun = Date.now();
  const open: Awaited<ReturnType<typeof start>>[] = [];
  for (let count = 0; count < 34; count++) {
    vi.setSystemTime(begun + count * 1000);
    open.push(await start());
  }
  const [first, second, third] = open;
  const last = open.at(-1);
  if (!first || !second || !third || !last) throw new Error("34 sessions were opened.");
  await expect.poll(() => ping(first)).toBe(404);
  await expect.poll(() => ping(second)).toBe(404);
  expect(await ping(third)).toBe(200);
  expect(await ping(last)).toBe(200);

  // Somebody else's are not counted.
  const grace = { ...ada, person: { ...ada.person, userId: "grace-id" } };
  await start(grace);
  expect(await ping(third)).toBe(200);
});

test("a session that was ended is no longer counted, and no longer told of changes", async () => {
  const session = await start();
  const person = people.get(people.idFromName(ada.person.userId));
  await person.watch(session.id, "notes");
  const count = () =>
    runInDurableObject(person, async (_object, state) => [
      ...state.storage.sql.exec("SELECT id FROM sessions").raw(),
      ...state.storage.sql.exec("SELECT session FROM watchers").raw(),
    ]);
  expect(await count()).toHaveLength(2);
  expect((await session.stub.handle(ada, post(session.id, "DELETE"), undefined)).status).toBe(200);
  expect(await count()).toHaveLength(0);

  // One that is gone without a word is forgotten when it should be told something.
  const ghost = sessions.newUniqueId().toString();
  await person.addSession(ghost, ada.clientId, ada.grantId);
  await person.watch(ghost, "notes");
  await person.append("notes", "1", 10);
  await expect.poll(count).toHaveLength(0);
});

test("one client of a person takes no session of another", async () => {
  const kept = await start();
  const other = { ...ada, clientId: "client-two" };
  for (let count = 0; count < 34; count++) await start(other);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await ping(kept)).toBe(200);
});

test("a session that sleeps is not told, and still counts", async () => {
  // Somebody of whom no other test has sessions.
  const sleeper = { ...ada, person: { ...ada.person, userId: "sleeper-id" } };
  const session = await start(sleeper);
  const person = people.get(people.idFromName(sleeper.person.userId));
  // As after an eviction: what is stored is there, and nothing is in memory.
  const asleep = sessions.newUniqueId();
  await runInDurableObject(sessions.get(asleep), async (_object, state) => {
    await state.storage.put("session", { owner: "x", person: person.id.toString(), usedAt: 0 });
  });
  await person.addSession(asleep.toString(), ada.clientId, ada.grantId);
  await person.watch(asleep.toString(), "notes");
  await person.append("notes", "1", 10);
  const rows = () =>
    runInDurableObject(person, async (_object, state) => ({
      sessions: [...state.storage.sql.exec("SELECT id FROM sessions").raw()].flat().sort(),
      watchers: [...state.storage.sql.exec("SELECT session FROM watchers").raw()].flat(),
    }));
  await expect
    .poll(rows)
    .toEqual({ sessions: [session.id, asleep.toString()].sort(), watchers: [] });
});

test("requests that come at once to a session out of memory are served by one server", async () => {
  const session = await start();
  // Another object of the same state, as after an eviction.
  const results = await runInDurableObject(session.stub, async (object, state) => {
    const McpSessionClass = object.constructor as new (
      ctx: typeof state,
      env: WorkerEnv,
    ) => Session;
    const anew = new McpSessionClass(state, workerEnv);
    const list = { jsonrpc: "2.0", id: 1, method: "tools/list" };
    const texts = await Promise.all(
      [1, 2, 3, 4].map(async (id) =>
        (await anew.handle(ada, post(session.id), { ...list, id })).text(),
      ),
    );
    return texts;
  });
  for (const [index, text] of results.entries()) expect(text).toContain(`"id":${index + 1}`);
});

test("the stream of a call ends when the call is cancelled", async () => {
  const session = await start();
  const walk = {
    jsonrpc: "2.0",
    id: 5,
    method: "tools/call",
    params: { name: "count", arguments: { steps: 500, pause: 50 } },
  };
  const response = await session.stub.handle(ada, post(session.id), walk);
  const cancel = {
    jsonrpc: "2.0",
    method: "notifications/cancelled",
    params: { requestId: 5, reason: "enough" },
  };
  await (await session.stub.handle(ada, post(session.id), cancel)).text();
  expect(await response.text()).not.toContain('"result"');
});

test("streams end with the token that opened them, unless a newer one came", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const begun = Date.now();
  const stub = sessions.get(sessions.newUniqueId());
  const until = (seconds: number) => ({ ...ada, expiresAt: begun / 1000 + seconds });
  const response = await stub.open(until(600), "/sse/message?sessionId=x");
  vi.setSystemTime(begun + 500_000);
  const ping = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });
  expect(await stub.deliver(until(1200), ping)).toBe(202);
  vi.setSystemTime(begun + 700_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await stub.deliver(until(1200), ping)).toBe(202);
  vi.setSystemTime(begun + 1_300_000);
  expect(await runDurableObjectAlarm(stub)).toBe(true);
  expect(await stub.deliver(until(3000), ping)).toBe(404);
  await response.body?.cancel().catch(() => undefined);

  vi.useRealTimers();
  const session = await start();
  const topics = { jsonrpc: "2.0", id: 2, method: "resources/subscribe" };
  const subscribe = { ...topics, params: { uri: "demo://notes" } };
  await (await session.stub.handle(ada, post(session.id), subscribe)).text();
  const soon = { ...ada, expiresAt: Date.now() / 1000 + 1 };
  const stream = await session.stub.handle(soon, post(session.id, "GET"), undefined);
  expect(stream.status).toBe(200);
  // It ends within the second, or the test takes too long.
  await stream.text();
});

test("a listen that is no request leaves nothing behind", async () => {
  const body = { jsonrpc: "2.0", method: "subscriptions/listen", params: {} };
  const id = sessions.newUniqueId();
  const watched = [{ topic: "notes", uri: "demo://notes" }];
  await (await sessions.get(id).listen(ada, post(""), body, watched)).text();
  const person = people.get(people.idFromName(ada.person.userId));
  await expect
    .poll(() =>
      runInDurableObject(person, async (_object, state) => [
        ...state.storage.sql.exec("SELECT id FROM sessions").raw(),
        ...state.storage.sql.exec("SELECT session FROM watchers").raw(),
      ]),
    )
    .toEqual([]);
});

test("of an initialize only what is played again is kept, and one too large for that is refused", async () => {
  const icons = [{ src: `data:image/png;base64,${"A".repeat(30_000)}` }];
  const clientInfo = { ...initialize.params.clientInfo, icons };
  const pictured = { ...initialize, params: { ...initialize.params, clientInfo } };
  const id = sessions.newUniqueId();
  const stub = sessions.get(id);
  expect((await stub.start(ada, post(id.toString()), pictured)).status).toBe(200);
  expect(await readStorage(stub)).not.toContain("AAAA");

  const large = sessions.newUniqueId();
  const params = { ...initialize.params, clientInfo: { name: "x".repeat(20_000), version: "1" } };
  const refused = await sessions
    .get(large)
    .start(ada, post(large.toString()), { ...initialize, params });
  expect(refused.status).toBe(413);
});

test("a stream of changes ends with the token that opened it, in the protocol's way", async () => {
  const method = "subscriptions/listen";
  const uri = "demo://notes";
  const body = {
    jsonrpc: "2.0",
    id: "listen",
    method,
    params: {
      notifications: { resourceSubscriptions: [uri] },
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    },
  };
  const headers = new Headers(post("").headers);
  headers.delete("mcp-session-id");
  headers.set("mcp-protocol-version", "2026-07-28");
  headers.set("mcp-method", method);
  const request = new Request(ada.resource, { method: "POST", headers });
  const expiresAt = Date.now() / 1000 + 1;
  const response = await sessions
    .get(sessions.newUniqueId())
    .listen({ ...ada, expiresAt }, request, body, [{ topic: "notes", uri }]);
  const person = people.get(people.idFromName(ada.person.userId));
  await person.append("notes", "1", 10);
  const text = await response.text();
  expect(text).toContain("notifications/subscriptions/acknowledged");
  expect(text).toContain('"notifications/resources/updated"');
  expect(text).toMatch(/"id":"listen","result":\{"resultType":"complete"/);
});
