import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import * as z from "zod";
import { bundleWorker, toMapPath } from "../../infra/bundle.ts";
import type { Profiled, ProfiledWork } from "../../scripts/docs/performance/measured.ts";
import { toWords } from "../../scripts/docs/performance/words.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { InspectorSession } from "../support/inspector-session.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import type { Contestant } from "./contestants.ts";
import { Load } from "./load/load.ts";
import { startServer } from "./server.ts";

/** Microseconds between two looks at what runs. */
const interval = 100;

/** How often it is done while it is looked at, and before, while code that runs often is compiled. */
const works = {
  call: { times: 3000, warmTimes: 2000 },
  login: { times: 200, warmTimes: 100 },
} as const satisfies Record<ProfiledWork, object>;

/** Clients at once. */
const people = 4;

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
interface Spent {
  readonly name: string;
  /** Milliseconds in itself, without what it called. */
  readonly time: number;
}

/** V8's names for what is not the Worker's work. */
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

/**
 * Looks where warm calls or logins of a contestant spend their time. The console is part of it: what is logged is
 * written out as ever, and told to whoever looks on besides. Its Durable Objects are, too: they share the isolate.
 */
export async function profileWork(contestant: Contestant, work: ProfiledWork): Promise<Profiled> {
  await using folder = await makeTempFolder();
  const file = join(folder.path, "profiled.js");
  const { title, root, entryPoint, bundling, login: way, resources, hasSessions } = contestant;
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
  const logIn = async (times: number) => {
    if (way === undefined) return [];
    const job = { target, way, path: resources.mcp, times };
    return (await load.run("logIn", job)).logins.map(({ accessToken }) => accessToken);
  };
  const tokens = work === "call" ? await logIn(people) : [];
  const job = { target, tokens, era: "legacy", inFlight: people, hasSessions } as const;
  const run = {
    call: async (calls: number) => (await load.run("call", { ...job, calls })).times.length,
    login: async (times: number) => (await logIn(times)).length,
  } as const satisfies Record<ProfiledWork, unknown>;
  await run[work](works[work].warmTimes);
  using inspector = await InspectorSession.connect(await server.runtime.findInspector());
  await inspector.send("Profiler.enable");
  await inspector.send("Profiler.setSamplingInterval", { interval });
  await inspector.send("Profiler.start");
  const times = await run[work](works[work].times);
  const { profile } = cpuProfile.parse(await inspector.send("Profiler.stop"));
  const payload = JSON.parse(await readFile(toMapPath(file), "utf8")) as SourceMapPayload;
  const { total, functions, packages } = summarize(
    profile,
    createLocate(new SourceMap(payload), file, root),
  );
  const toDearest = (all: readonly Spent[]) =>
    all
      .toSorted((a, b) => b.time - a.time)
      .slice(0, most)
      .map(({ name, time }) => ({ name, percent: (time / total) * 100 }));
  return {
    title,
    times,
    milliseconds: total / times,
    functions: toDearest(functions),
    packages: toDearest(packages),
  };
}

/** A profile for a terminal. */
export function toProfileText(work: ProfiledWork, profiled: Profiled): string {
  const { title, times, milliseconds, functions, packages } = profiled;
  const toLines = (shares: Profiled["functions"]) =>
    shares.map(({ name, percent }) => `${percent.toFixed(1).padStart(6)} %  ${name}`);
  return [
    `${title}: ${toWords(milliseconds)} ms of the Worker's own work a ${work}, ${toWords(times)} of them.`,
    "",
    "The dearest functions",
    ...toLines(functions),
    "",
    "By package, or folder",
    ...toLines(packages),
    "",
  ].join("\n");
}

/** Adds up the samples of a profile, without those in which nothing of the Worker ran. */
export function summarize(
  { nodes, samples, timeDeltas }: Profile,
  locate: Locate,
): { total: number; functions: Spent[]; packages: Spent[] } {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame] as const));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const places = new Map<number, Place>();
  const findPlace = (id: number): Place => {
    const known = places.get(id) ?? nameCaller(listStack(id, frames, parents).map(locate));
    places.set(id, known);
    return known;
  };
  const functions = new Map<string, number>();
  const packages = new Map<string, number>();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    if (idle.has(frames.get(sample)?.functionName ?? "(root)")) continue;
    // The next sample tells how long this one lasted.
    const time = (timeDeltas[index + 1] ?? 0) / 1000;
    const { name, origin } = findPlace(sample);
    total += time;
    functions.set(name, (functions.get(name) ?? 0) + time);
    packages.set(origin, (packages.get(origin) ?? 0) + time);
  }
  const list = (tally: ReadonlyMap<string, number>) =>
    [...tally].map(([name, time]) => ({ name, time }));
  return { total, functions: list(functions), packages: list(packages) };
}

/** What ran, the innermost first. */
function listStack(
  innermost: number,
  frames: ReadonlyMap<number, Frame>,
  parents: ReadonlyMap<number, number>,
): Frame[] {
  const stack: Frame[] = [];
  for (let id: number | undefined = innermost; id !== undefined; id = parents.get(id)) {
    const frame = frames.get(id);
    if (frame !== undefined && !idle.has(frame.functionName)) stack.push(frame);
  }
  return stack;
}

/** What the runtime does is told with who asked for it: its own names say little, and some have none. */
function nameCaller(stack: readonly Place[]): Place {
  const [top] = stack;
  if (top === undefined) throw new Error("Nothing ran.");
  if (top.origin !== runtime) return top;
  const caller = stack.find(({ origin }) => origin !== runtime);
  return { ...top, name: `${top.name} for ${caller?.name ?? "nobody in JavaScript"}` };
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
