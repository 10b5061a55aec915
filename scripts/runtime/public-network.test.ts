import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test as base, expect } from "vitest";
import { WorkerRuntime } from "./runtime.ts";
import { toRuntimeLine } from "./runtime-line.ts";
import type { WorkerSpec } from "./worker-spec.ts";

/** Fetches what it is asked to, and says what came. */
const code = `export default {
  async fetch(request) {
    const url = new URL(request.url).searchParams.get("url");
    try {
      return new Response("got " + (await (await fetch(url)).text()));
    } catch (error) {
      return new Response("failed");
    }
  },
};`;

/** A service on every address of this machine, and two Workers that are asked to reach it. */
const test = base.extend(
  "machine",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const cleanup = new AsyncDisposableStack();
    onCleanup(() => cleanup.disposeAsync());
    let connections = 0;
    const service = createServer((_request, response) => response.end("secret"));
    service.on("connection", () => {
      connections++;
    });
    await new Promise<void>((resolve) => service.listen(0, "0.0.0.0", resolve));
    cleanup.defer(() => void service.close());
    const { port } = service.address() as AddressInfo;
    const start = async (flags: readonly string[]) => {
      const lines: string[] = [];
      const runtime = cleanup.use(
        await WorkerRuntime.boot([toAsker(flags)], { onLine: (line) => lines.push(line) }),
      );
      return async (host: string) => {
        connections = 0;
        lines.length = 0;
        const url = encodeURIComponent(`http://${host}:${port}/?q=private-query`);
        const answer = await fetch(`http://127.0.0.1:${runtime.port}/?url=${url}`, {
          headers: runtime.headersFor(),
        });
        return { text: await answer.text(), lines, connections };
      };
    };
    return {
      askStrict: await start(["global_fetch_strictly_public"]),
      askOther: await start([]),
    };
  },
);

function toAsker(compatibilityFlags: readonly string[]): WorkerSpec {
  return {
    name: "asker",
    modules: [{ name: "asker.js", type: "ESModule", contents: code }],
    compatibilityDate: "2026-07-30",
    compatibilityFlags,
    bindings: [],
    crons: [],
  };
}

/** Names and addresses that lead to this machine or a network behind it. */
const privateHosts = [
  "127.0.0.1",
  "127.1",
  "2130706433",
  "localhost",
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.0.1",
  "100.64.0.1",
  "169.254.169.254",
  "224.0.0.1",
  "198.18.0.1",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "[fd00::1]",
  "[fe80::1]",
];

test.for(privateHosts)("a Worker with the flag does not reach %s", async (host, { machine }) => {
  const { text, lines, connections } = await machine.askStrict(host);
  expect(text).toBe("failed");
  expect(connections).toBe(0);
  await expect.poll(() => lines.join("\n")).toMatch(/private address and was refused/);
  expect(lines.join("\n")).not.toMatch(/private-query|workerd@/);
});

test("a Worker without it does, as at Cloudflare", async ({ machine }) => {
  const { text, connections } = await machine.askOther("127.0.0.1");
  expect(text).toBe("got secret");
  expect(connections).toBe(1);
});

test.each([
  ["hello", "hello"],
  ["stack: of plates", "stack: of plates"],
  ["stack: /bin/workerd@53fcde0 /bin/workerd@53fd5a0", undefined],
  [
    "util.c++:374: error: e = async-io-unix.c++:1293: failed: DNS lookup failed.; params.host = a.invalid; params.service = ; gai_strerror(status) = Name or service not known",
    "A Worker asked for a.invalid, a name that does not resolve.",
  ],
  [
    "rust/worker/ffi.rs:110: error: e = rust/worker/ffi.rs:110: failed: failed to lookup address information: Name or service not known",
    "A Worker asked for a name that does not resolve.",
  ],
])("what workerd prints is shown in words: %s", (line, shown) => {
  expect(toRuntimeLine(line)).toBe(shown);
});
