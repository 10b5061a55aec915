import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { Debugger } from "../../tests/support/debugger.ts";
import { InspectorDoor } from "./inspector-door.ts";
import { WorkerRuntime } from "./runtime.ts";
import type { WorkerSpec } from "./worker-spec.ts";

const spec: WorkerSpec = {
  name: "served",
  modules: [
    {
      name: "served.js",
      type: "ESModule",
      contents: "export default {\n  fetch() {\n    return new Response('answered');\n  },\n};",
    },
  ],
  compatibilityDate: "2026-07-01",
  compatibilityFlags: [],
  bindings: [],
  crons: [],
};

async function serve() {
  await using starting = new AsyncDisposableStack();
  const runtime = starting.use(await WorkerRuntime.boot([spec], { hasInspector: true }));
  const door = starting.use(await InspectorDoor.open(0, () => ""));
  door.lead(() => runtime.findInspector());
  const owned = starting.move();
  return { runtime, door, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const paths = ["/json", "/json/list", "/json/version"];

/** Asks with these headers and no others, as any program can. */
async function ask(port: number, path: string, headers: Record<string, string>) {
  const sent = request({ host: "127.0.0.1", port, path, headers, setHost: false }).end();
  const [response] = (await Promise.race([once(sent, "response"), once(sent, "upgrade")])) as [
    IncomingMessage,
  ];
  if (response.statusCode === 101) response.socket.destroy();
  return {
    status: response.statusCode,
    body: response.statusCode === 101 ? "" : await text(response),
  };
}

async function findPath(port: number): Promise<string> {
  const { body } = await ask(port, "/json", { host: "localhost" });
  const [target] = JSON.parse(body) as [{ webSocketDebuggerUrl: string }];
  return new URL(target.webSocketDebuggerUrl).pathname;
}

/** Of a request that opens a WebSocket. */
const handshake = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

test("a debugger is answered at the names of this machine only, and no web page is", async () => {
  await using served = await serve();
  const { port } = served.door;
  const path = await findPath(port);
  const asked = [...paths.map((each) => [each, {}, 200] as const), [path, handshake, 101] as const];
  const known = [`localhost:${port}`, "localhost", `127.0.0.1:${port}`, `[::1]:${port}`];
  const own = [
    ...known.map((host) => ({ host })),
    // Chrome's own debugger.
    { host: `localhost:${port}`, origin: "devtools://devtools" },
  ];
  const foreign = [
    { host: `attacker.example:${port}` },
    { host: "127.0.0.1.attacker.example" },
    ...["https://attacker.example", "http://localhost:3000", "null"].map((origin) => ({
      host: `localhost:${port}`,
      origin,
    })),
  ];
  for (const [each, more, status] of asked) {
    for (const headers of own) {
      expect.soft(await ask(port, each, { ...headers, ...more }), each).toMatchObject({ status });
    }
    for (const headers of foreign) {
      const answer = await ask(port, each, { ...headers, ...more });
      expect.soft(answer, `${each} ${JSON.stringify(headers)}`).toMatchObject({ status: 403 });
    }
  }
  expect((await ask(port, "/", handshake)).status).toBe(400);
  expect(await ask(port, "/core:user:served", { host: "localhost", ...handshake })).toMatchObject({
    status: 404,
  });
});

test("no answer tells the secret of the runtime or where its own inspector listens", async () => {
  await using served = await serve();
  const { door, runtime } = served;
  const name = runtime.headersFor()["mf-route-override"] ?? "";
  const secret = name.slice(name.indexOf(".") + 1);
  expect(secret).toMatch(/^[\w-]{32}$/);
  const inspector = await runtime.findInspector();
  // What it is there for: the inspector itself tells it to whoever asks.
  const unguarded = await ask(Number(inspector.port), "/json", { host: "attacker.example" });
  expect(unguarded.body).toContain(secret);
  for (const path of [...paths, "/", "/nowhere"]) {
    const { body } = await ask(door.port, path, { host: `localhost:${door.port}` });
    expect.soft(body).not.toContain(secret);
    expect.soft(body).not.toContain(inspector.port);
  }
});

test("a debugger stops the Worker, which goes on when the debugger leaves, and attaches again after a restart", async () => {
  await using served = await serve();
  const { door, runtime } = served;
  const path = await findPath(door.port);
  const call = () =>
    fetch(`http://127.0.0.1:${runtime.port}`, { headers: runtime.headersFor() }).then((answer) =>
      answer.text(),
    );
  for (let start = 1; start <= 2; start++) {
    const inspector = await Debugger.attach(door.port);
    const { url } = inspector.findScript("served.js");
    await inspector.setBreakpoint(url, { lineNumber: 2, columnNumber: 4 });
    const answering = call();
    expect(await inspector.waitForPause()).toMatchObject({ lineNumber: 2 });
    inspector[Symbol.dispose]();
    expect(await answering).toBe("answered");
    await runtime.replace([spec]);
    expect(await findPath(door.port)).toBe(path);
  }
});

test("a debugger is sent away while there is no Worker", async () => {
  await using door = await InspectorDoor.open(0, () => "");
  const path = await findPath(door.port);
  const answer = await ask(door.port, path, { host: "localhost", ...handshake });
  expect(answer).toMatchObject({ status: 503 });
});

test("who is attached holds nobody up who closes the door", async () => {
  const served = await serve();
  using inspector = await Debugger.attach(served.door.port);
  const asking = inspector.waitForPause();
  asking.catch(() => undefined);
  await served.door[Symbol.asyncDispose]();
  await expect(ask(served.door.port, "/json", { host: "localhost" })).rejects.toThrow(
    "ECONNREFUSED",
  );
  await served[Symbol.asyncDispose]();
});
