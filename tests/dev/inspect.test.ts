import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { Debugger, findGenerated } from "../support/debugger.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("a debugger attaches to the Worker, and stops in a line of a tool's source", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.serve("--inspect", "0");
  const origin = await waitUntilReady(program);
  const [, port = ""] = await program.waitFor(/Debugger +127\.0\.0\.1:(\d+)/);
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });

  // A web page whose own name was made to point here.
  const rebound = request({ port, path: "/json", headers: { host: "attacker.example" } }).end();
  const [refusal] = (await once(rebound, "response")) as [IncomingMessage];
  expect(refusal.statusCode).toBe(403);
  refusal.destroy();

  using inspector = await Debugger.attach(Number(port));
  // What VS Code does with a breakpoint: the script names its map, the map the place in the script.
  const script = inspector.findScript("worker.js");
  expect(script.sourceMapURL).toMatch(/^file:\/\/\/.*\/\.build\/inspect\/worker\.js\.map$/);
  const mapFile = fileURLToPath(script.sourceMapURL);
  const payload = JSON.parse(await readFile(mapFile, "utf8")) as SourceMapPayload;
  const tool = "worker/tools/sum.ts";
  const source = payload.sources.find(
    (path) => resolve(dirname(mapFile), path) === checkout.path(tool),
  );
  if (source === undefined) throw new Error(`The map does not name ${tool}.`);
  const lines = (await checkout.read(tool)).split("\n");
  const line = lines.findIndex((each) => each.includes("const total = a + b;"));
  const code = await readFile(mapFile.replace(/\.map$/, ""), "utf8");
  await inspector.setBreakpoint(script.url, findGenerated(payload, code, { source, line }));

  const answering = postMessage(`${origin}/mcp`, accessToken, toToolCall("sum", { a: 2, b: 3 }));
  const paused = await inspector.waitForPause();
  const entry = new SourceMap(payload).findEntry(paused.lineNumber, paused.columnNumber);
  expect(entry).toMatchObject({ originalSource: source, originalLine: line });
  expect(await inspector.evaluate("a + b")).toBe(5);
  await inspector.resume();
  expect(await (await answering).text()).toContain('"structuredContent":{"sum":5}');
});
