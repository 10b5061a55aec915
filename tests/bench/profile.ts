import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import * as z from "zod";
import { bundleWorker, toMapPath } from "../../infra/bundle.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { InspectorSession } from "../support/inspector-session.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import type { Contestant } from "./contestants.ts";
import { Load } from "./load/load.ts";
import { startServer } from "./server.ts";
import { toWords } from "./table.ts";

/** Microseconds between two looks at what runs. */
const interval = 100;

/** Calls that are looked at, and those before, which are compiled meanwhile. */
const calls = 3000;
const warmCalls = 2000;

/** How many functions are told. */
const most = 10;

const cpuProfile = z.object({
  profile: z.object({
    nodes: z.array(
      z.object({
        id: z.number(),
        callFrame: z.object({
          functionName: z.string(),
          url: z.string(),
          lineNumber: z.number(),
          columnNumber: z.number(),
        }),
        children: z.array(z.number()).optional(),
      }),
    ),
    samples: z.array(z.number()),
    timeDeltas: z.array(z.number()),
  }),
});

type Profile = z.infer<typeof cpuProfile>["profile"];
type Frame = Profile["nodes"][number]["callFrame"];

/** Where time was spent: a function, or a package. */
export interface Spent {
  readonly name: string;
  /** Milliseconds in itself. */
  readonly own: number;
  /** Milliseconds in itself and what it called. */
  readonly whole: number;
}

/** V8's names for what is no work of the Worker. */
const idle = new Set(["(idle)", "(program)", "(root)"]);

/** A function, and the package or folder it is of. */
interface Place {
  readonly name: string;
  readonly origin: string;
}

/** Names a function of the bundle. */
type Locate = (frame: Frame) => Place;

/** Where a function is that workerd itself has. */
const runtime = "the runtime";

/** Prints the functions in which warm calls of a contestant spend the most time, with their share. */
export async function printProfile(contestant: Contestant): Promise<void> {
  await using folder = await makeTempFolder();
  const file = join(folder.path, "profiled.js");
  const { root, entryPoint, bundling, login: way, resources, hasSessions } = contestant;
  const spec = await contestant.build(folder.path);
  // Not minified, so that functions have their names; where they are stands in the source map.
  const { code } = await bundleWorker({ root, entryPoint, file, minify: false, ...bundling });
  const readable: WorkerSpec = {
    ...spec,
    modules: spec.modules.map((module) => ({ ...module, contents: code })),
  };
  using load = new Load();
  await using server = await startServer(readable, { hasInspector: true });
  const { target } = server;
  const tokens =
    way === undefined
      ? []
      : (await load.run("logIn", { target, way, path: resources.mcp, times: 4 })).logins.map(
          ({ accessToken }) => accessToken,
        );
  const job = { target, tokens, era: "legacy", inFlight: 4, hasSessions } as const;
  await load.run("call", { ...job, calls: warmCalls });
  using inspector = await InspectorSession.connect(await server.runtime.findInspector());
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval });
  await inspector.send("Profiler.start");
  const { times } = await load.run("call", { ...job, calls });
  const { profile } = cpuProfile.parse(await inspector.send("Profiler.stop"));
  const map = new SourceMap(
    JSON.parse(await readFile(toMapPath(file), "utf8")) as SourceMapPayload,
  );
  const made = summarize(profile, createLocate(map, file, root));
  const total = made.total / times.length;
  console.log(
    `${contestant.title}: ${times.length} calls, ${toWords(total)} ms of the Worker's own work each, ` +
      `collection of garbage included. Without storage and the network.\n`,
  );
  print("The dearest functions, in themselves", made.functions, "own", made.total);
  print("The dearest, with what they call", made.functions, "whole", made.total);
  print("By package", made.origins, "own", made.total);
}

function print(title: string, all: readonly Spent[], by: "own" | "whole", total: number): void {
  console.log(title);
  const dearest = all.toSorted((a, b) => b[by] - a[by]).slice(0, most);
  for (const spent of dearest) {
    console.log(`${((spent[by] / total) * 100).toFixed(1).padStart(6)} %  ${spent.name}`);
  }
  console.log();
}

/** Adds up the samples of a profile, without those in which nothing of the Worker ran. */
export function summarize(
  { nodes, samples, timeDeltas }: Profile,
  locate: Locate,
): { total: number; functions: Spent[]; origins: Spent[] } {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame] as const));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const functions = new Tally();
  const origins = new Tally();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const frame = frames.get(sample);
    if (frame === undefined || idle.has(frame.functionName)) continue;
    // The next sample tells how long this one lasted.
    const time = (timeDeltas[index + 1] ?? 0) / 1000;
    total += time;
    const stack: Place[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const at = frames.get(id);
      if (at !== undefined && !idle.has(at.functionName)) stack.push(locate(at));
    }
    nameCaller(stack);
    functions.add(
      stack.map(({ name }) => name),
      time,
    );
    origins.add(
      stack.map(({ origin }) => origin),
      time,
    );
  }
  return { total, functions: functions.list(), origins: origins.list() };
}

/** What the runtime does is told with who asked for it: its own names say little, and some have none. */
function nameCaller(stack: Place[]): void {
  const [top] = stack;
  if (top?.origin !== runtime) return;
  const caller = stack.find(({ origin }) => origin !== runtime);
  stack[0] = { ...top, name: `${top.name} for ${caller?.name ?? "nobody in JavaScript"}` };
}

class Tally {
  readonly #own = new Map<string, number>();
  readonly #whole = new Map<string, number>();

  /** @param stack what ran, the innermost first. */
  add(stack: readonly string[], time: number): void {
    const [top] = stack;
    if (top === undefined) return;
    this.#own.set(top, (this.#own.get(top) ?? 0) + time);
    for (const name of new Set(stack)) this.#whole.set(name, (this.#whole.get(name) ?? 0) + time);
  }

  list(): Spent[] {
    return [...this.#whole].map(([name, whole]) => ({
      name,
      own: this.#own.get(name) ?? 0,
      whole,
    }));
  }
}

/** Finds functions of a bundle in its sources, told from the root of the checkout. */
function createLocate(map: SourceMap, file: string, root: string): Locate {
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const name = functionName === "" ? "(anonymous)" : functionName;
    if (lineNumber < 0 || url === "") {
      return { name, origin: name === "(garbage collector)" ? name : runtime };
    }
    const entry = map.findEntry(lineNumber, columnNumber);
    if (!("originalSource" in entry)) return { name: `${name} ${url}`, origin: runtime };
    const source = resolve(dirname(file), entry.originalSource);
    const path = shorten(source, root);
    return { name: `${name} (${path}:${entry.originalLine + 1})`, origin: toOrigin(path) };
  };
}

function shorten(source: string, root: string): string {
  const [, inPackage] = source.split(/.*\/node_modules\//);
  return inPackage ?? relative(root, source);
}

/** The package, or the folder of ours. */
function toOrigin(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (first.startsWith("@")) return `${first}/${second}`;
  return first === "worker" ? `${first}/${second}` : first;
}
