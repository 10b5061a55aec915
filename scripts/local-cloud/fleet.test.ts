import { setImmediate } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { StartCounter } from "../../tests/support/start-counter.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { WorkerStartError } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { Fleet, type FleetOptions } from "./fleet.ts";

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

async function startFleet(
  specs: WorkerSpec[],
  {
    onLoad = () => undefined,
    ...options
  }: Partial<Pick<FleetOptions, "idleTime">> & { onLoad?: () => void } = {},
) {
  const folder = await makeTempFolder();
  const lines: string[] = [];
  let loads = 0;
  const fleet = await Fleet.start({
    dataDirectory: folder.path,
    listSpecs: () => {
      loads += 1;
      onLoad();
      return [...specs];
    },
    onLine: (line) => lines.push(line),
    ...options,
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
  const loads = started.countLoads();
  const reloads = [];
  for (let change = 0; change < 5; change += 1) {
    specs[0] = createSpec("a", answering(`change ${change}`));
    reloads.push(fleet.reload());
  }
  expect(started.countLoads()).toBe(loads);
  inFlight[Symbol.dispose]();
  await Promise.all(reloads);
  expect(started.countLoads()).toBe(loads + 1);
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

test("changes that nobody asks for are taken together at the next request", async () => {
  const specs = [createSpec("a", answering("a")), createSpec("b", answering("first"))];
  await using started = await startFleet(specs);
  using starts = new StartCounter();
  for (let change = 0; change < 5; change += 1) {
    specs[1] = createSpec("b", answering(`change ${change}`));
    started.fleet.reloadWhenAsked();
    // Longer than the gate takes to close.
    await setImmediate();
  }
  expect(starts.count).toBe(0);
  expect(await started.ask("b")).toBe("change 4");
  expect(starts.count).toBe(1);
});

test("a change that nobody asks for is taken after a while", async () => {
  const specs = [createSpec("a", answering("a")), createSpec("b", answering("old"))];
  await using started = await startFleet(specs, { idleTime: 1 });
  const changed = createSpec("b", answering("new"));
  specs[1] = changed;
  await started.fleet.reloadWhenAsked();
  expect(started.fleet.isServing(changed)).toBe(true);
});

test("a fleet that nobody asks starts nothing for its first Worker alone, nor for a change before its end", async () => {
  using starts = new StartCounter();
  const specs = [createSpec("a", answering("a"))];
  {
    await using started = await startFleet(specs);
    specs.push(createSpec("b", answering("b")));
    started.fleet.reloadWhenAsked();
  }
  expect(starts.count).toBe(0);
});

test("Workers that came and went before anybody asked start nothing", async () => {
  const specs = [createSpec("a", answering("a")), createSpec("b", answering("b"))];
  await using started = await startFleet(specs);
  using starts = new StartCounter();
  specs.push(createSpec("c", answering("c")));
  started.fleet.reloadWhenAsked();
  specs.pop();
  started.fleet.reloadWhenAsked();
  expect(await started.ask("b")).toBe("b");
  expect(starts.count).toBe(0);
});

/** A program that is no workerd: it does not know such arguments, and ends. */
function breakRuntime(): Disposable {
  vi.stubEnv("MINIFLARE_WORKERD_PATH", process.execPath);
  return { [Symbol.dispose]: () => vi.unstubAllEnvs() };
}

test("while no runtime starts, requests are refused with the reason; a later start lets them in", async () => {
  await using started = await startFleet([createSpec("a", answering("a"))]);
  {
    using _broken = breakRuntime();
    // The one that waited for the start, and one that comes after it.
    for (const _each of [1, 2]) {
      await expect(started.ask("a")).rejects.toThrow(/the runtime does not start: ./);
    }
    await expect(started.fleet.reload()).rejects.toThrow(WorkerStartError);
  }
  await started.fleet.reload();
  expect(await started.ask("a")).toBe("a");
  expect(started.lines).toEqual([]);
});

test("a runtime that stops at a change is not taken for one that serves, and is started by the next change", async () => {
  const specs = [createSpec("a", answering("old"))];
  await using started = await startFleet(specs);
  expect(await started.ask("a")).toBe("old");
  const [old] = specs;
  specs[0] = createSpec("a", answering("new"));
  {
    using _broken = breakRuntime();
    await expect(started.fleet.reload()).rejects.toThrow(WorkerStartError);
    expect(old && started.fleet.isServing(old)).toBe(false);
    await expect(started.ask("a")).rejects.toThrow(/the runtime does not start: ./);
  }
  if (old !== undefined) specs[0] = old;
  await started.fleet.reload();
  expect(await started.ask("a")).toBe("old");
});

test("a change that comes while another fails is taken all the same", async () => {
  let load = () => {};
  await using started = await startFleet([createSpec("a", answering("a"))], {
    onLoad: () => load(),
  });
  load = () => {
    load = () => {};
    void started.fleet.reload();
    throw new Error("The records cannot be read.");
  };
  await started.fleet.reload();
  expect(await started.ask("a")).toBe("a");
});
