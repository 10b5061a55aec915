import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { Fleet } from "./fleet.ts";

function createSpec(name: string, code: string): WorkerSpec {
  return {
    name,
    modules: [{ name: "worker.js", type: "ESModule", contents: code }],
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    bindings: [],
    crons: [],
  };
}

function answering(text: string): string {
  return `export default { fetch: () => new Response("${text}") }`;
}

async function startFleet(specs: WorkerSpec[]) {
  const folder = await makeTempFolder();
  const lines: string[] = [];
  let loads = 0;
  const fleet = await Fleet.start({
    dataDirectory: folder.path,
    listSpecs: () => {
      loads += 1;
      return [...specs];
    },
    onLine: (line) => lines.push(line),
  });
  return {
    fleet,
    lines,
    countLoads: () => loads,
    async ask(name: string) {
      using passage = await fleet.gate.pass();
      const headers = passage.headersFor(name);
      return (await fetch(`http://127.0.0.1:${passage.port}/`, { headers })).text();
    },
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test("changes that come while requests finish are taken together", async () => {
  const specs = [createSpec("a", answering("first"))];
  await using started = await startFleet(specs);
  const { fleet } = started;
  const inFlight = await fleet.gate.pass();
  const reloads = [];
  for (let change = 0; change < 5; change += 1) {
    specs[0] = createSpec("a", answering(`change ${change}`));
    reloads.push(fleet.reload());
  }
  expect(started.countLoads()).toBe(1);
  inFlight[Symbol.dispose]();
  await Promise.all(reloads);
  expect(started.countLoads()).toBe(2);
  expect(await started.ask("a")).toBe("change 4");
});

test("a request that comes after a change is asked for meets the new state, however early", async () => {
  const specs = [createSpec("a", answering("old"))];
  await using started = await startFleet(specs);
  specs[0] = createSpec("a", answering("new"));
  const reload = started.fleet.reload();
  expect(await started.ask("a")).toBe("new");
  await reload;
});

test("one Worker that does not start keeps its old code, and the others change", async () => {
  const specs = [createSpec("a", answering("old a")), createSpec("b", answering("old b"))];
  await using started = await startFleet(specs);
  specs[0] = createSpec("a", "this is not code");
  specs[1] = createSpec("b", answering("new b"));
  await started.fleet.reload();
  expect(await started.ask("a")).toBe("old a");
  expect(await started.ask("b")).toBe("new b");
  expect(started.lines.join("\n")).toMatch(/The Worker a does not start: .*SyntaxError/s);
});

test("a Worker that does not start any more does not keep the cloud from starting", async () => {
  await using started = await startFleet([
    createSpec("broken", "this is not code"),
    createSpec("b", answering("b")),
  ]);
  expect(await started.ask("b")).toBe("b");
});
