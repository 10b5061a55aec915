import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { forward } from "./forward.ts";
import { Gate } from "./gate.ts";
import { listenOnLocalhost } from "./listen.ts";
import { loadMiniflare } from "./load-miniflare.ts";
import { WorkerRuntime } from "./runtime.ts";
import type { WorkerSpec } from "./worker-spec.ts";

const code = `export default {
  async fetch(request, env) {
    const { pathname, search, host } = new URL(request.url);
    switch (pathname) {
      case "/early":
        return new Response("early", { status: 401 });
      case "/echo":
        return new Response(request.body);
      case "/object":
        return new Response((await env.BUCKET.get("key"))?.body ?? null);
      case "/out":
        await fetch("http://elsewhere.example/");
        console.error("printed");
        return new Response("asked");
      default:
        return Response.json({ host, path: pathname + search, headers: [...request.headers] });
    }
  },
  scheduled() {},
};`;

const spec: WorkerSpec = {
  name: "served",
  modules: [{ name: "served.js", type: "ESModule", contents: code }],
  compatibilityDate: "2026-07-01",
  compatibilityFlags: [],
  bindings: [{ type: "r2_bucket", name: "BUCKET", bucketName: "files" }],
  crons: [],
};

/** The Worker as the dev server and the local cloud serve it, with a bucket that an earlier version filled. */
async function serve() {
  await using starting = new AsyncDisposableStack();
  const folder = starting.use(await makeTempFolder());
  const { Miniflare } = loadMiniflare();
  const earlier = new Miniflare({
    modules: true,
    script: "export default {}",
    r2Buckets: { BUCKET: "files" },
    defaultPersistRoot: folder.path,
    cf: false,
  });
  await (await earlier.getR2Bucket("BUCKET")).put("key", "kept");
  await earlier.dispose();
  const lines: string[] = [];
  const sent: string[] = [];
  const runtime = starting.use(
    await WorkerRuntime.boot([spec], {
      dataDirectory: folder.path,
      onLine: (line) => lines.push(line),
      outbound: (_url, { headers }) => {
        sent.push(JSON.stringify([...headers]));
        return new Response("");
      },
    }),
  );
  const gate = starting.use(new Gate());
  gate.open(runtime);
  const { port } = starting.use(
    await listenOnLocalhost(
      0,
      (incoming, outgoing) => forward(incoming, outgoing, gate),
      () => "",
    ),
  );
  const owned = starting.move();
  return { runtime, lines, sent, port, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Sends one request as it is written, and gives back the whole answer. */
async function send(port: number, ...lines: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`${[...lines, "connection: close"].join("\r\n")}\r\n\r\n`);
  return text(socket);
}

test("without the secret of its start nobody reaches a Worker or what it keeps, and one address is asked however it is written", async () => {
  await using served = await serve();
  const { runtime, port } = served;
  const direct = `http://127.0.0.1:${runtime.port}`;
  const origin = `http://localhost:${port}`;
  const [secret = ""] = Object.values(runtime.headersFor()).map((name) => name.split(".")[1]);

  // Nobody who does not know the secret of this start reaches a Worker or what one keeps.
  for (const [path, headers] of [
    ["/", {}],
    ["/", { "mf-route-override": "served" }],
    ["/", { "mf-route-override": "served." }],
    ["/", { "mf-route-override": `served.${secret.slice(1)}` }],
    ["/", { "mf-original-url": "http://localhost:8787/" }],
    ["/", { "mf-proxy-shared-secret": "" }],
    ["/cdn-cgi/handler/scheduled", {}],
    ["/cdn-cgi/handler/scheduled", { "mf-route-override": "served" }],
    ["/cdn-cgi/handler/email", {}],
    ["/cdn-cgi/local/r2/public/files/key", {}],
    ["/cdn-cgi/local/r2/s3/files/key", {}],
    ["/cdn-cgi/platform-proxy", { "mf-op": "GET" }],
  ] as const) {
    const answer = await fetch(direct + path, { headers });
    expect([path, headers, answer.ok]).toEqual([path, headers, false]);
    expect(await answer.text()).not.toContain("kept");
  }
  expect((await fetch(direct, { headers: runtime.headersFor() })).status).toBe(200);

  // The Worker, the addresses it asks and the log do not learn it, and data of before is there.
  expect(await (await fetch(origin)).text()).not.toContain(secret);
  expect(await (await fetch(`${origin}/object`)).text()).toBe("kept");
  expect(await (await fetch(`${origin}/out`)).text()).toBe("asked");
  expect(served.sent).toHaveLength(1);
  expect(served.sent.join()).toContain("served.example.com");
  expect(served.sent.join() + served.lines.join()).not.toContain(secret);

  // What the runtime answers itself is for nobody outside, but for a cron run by hand.
  for (const path of ["local/r2/public/files/key", "handler/email", "mf/scheduled", "x"]) {
    expect((await fetch(`${origin}/cdn-cgi/${path}`)).status, path).toBe(404);
    const twisted = await send(
      port,
      `GET /a/../cdn-cgi/${path} HTTP/1.1`,
      `host: localhost:${port}`,
    );
    expect(twisted, path).toMatch(/^HTTP\/1\.1 404 /);
  }
  expect((await fetch(`${origin}/cdn-cgi/handler/scheduled`)).status).toBe(200);

  // Whichever way a client writes the address, it is one address, or a 400.
  const host = `host: localhost:${port}`;
  const whole = await send(port, `GET ${origin}/a?b HTTP/1.1`, "host: other.example");
  expect(whole).toMatch(/^HTTP\/1\.1 200 /);
  expect(whole).toContain(`"host":"localhost:${port}","path":"/a?b"`);
  expect(whole).not.toContain("other.example");
  for (const request of [
    ["GET / HTTP/1.1", `host: localhost:${port}.evil.example`],
    ["GET / HTTP/1.1", `host: user@localhost:${port}`],
    ["GET / HTTP/1.1", "host: localhost:port"],
    ["GET / HTTP/1.1", "host: [::1"],
    ["GET / HTTP/1.1", "host: a/b"],
    ["GET / HTTP/1.1", "host:"],
    ["GET / HTTP/1.0"],
    [`GET http://user:word@localhost:${port}/ HTTP/1.1`, host],
    ["GET http:// HTTP/1.1", host],
    ["GET ftp://localhost/ HTTP/1.1", host],
    ["OPTIONS * HTTP/1.1", host],
  ]) {
    expect([request, (await send(port, ...request)).slice(0, 13)]).toEqual([
      request,
      "HTTP/1.1 400 ",
    ]);
  }

  // Whatever a path looks like, it is answered, and the server lives.
  for (const path of ["//", "///", "//[", "//evil.example/cdn-cgi/x", "/%", "/\\\\"]) {
    const answer = await send(port, `GET ${path} HTTP/1.1`, host);
    expect([path, answer.slice(0, 10)]).toEqual([path, "HTTP/1.1 2"]);
  }

  // An early answer to a large body arrives, and an answer may begin before the body has ended.
  const statuses = new Set<number>();
  for (let round = 0; round < 10; round += 1) {
    const body = new Uint8Array(70_000 * 2 ** round);
    if (body.byteLength > 10_000_000) break;
    const answer = await fetch(`${origin}/early`, { method: "POST", body });
    statuses.add(answer.status);
    expect(await answer.text()).toBe("early");
  }
  expect([...statuses]).toEqual([401]);
  const large = "0123456789".repeat(300_000);
  expect(await (await fetch(`${origin}/echo`, { method: "POST", body: large })).text()).toBe(large);
});
