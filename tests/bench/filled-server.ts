import { join } from "node:path";
import { bundleWorker, mainModule } from "../../infra/bundle.ts";
import type { WorkerBinding, WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { everyScope } from "../support/connect.ts";
import { toToolCall } from "../support/mcp-by-hand.ts";
import type { Contestant } from "./contestants.ts";
import type { Sent, Target } from "./load/http.ts";
import type { Load } from "./load/load.ts";
import type { TimedLogin } from "./load/logins.ts";
import { toRequest } from "./load/messages.ts";
import { startServer } from "./server.ts";

/** Calls and logins before anything is measured: code that runs often is compiled anew. */
const warmCalls = 600;
const warmLogins = 6;

/** What a server is made of that is filled. */
interface FilledParts {
  readonly contestant: Contestant;
  readonly spec: WorkerSpec;
  /** Of `createSeeder`. */
  readonly seeder: WorkerSpec;
  readonly load: Load;
}

/** A Worker in whose storage is so much, and a person who is signed in. */
export class FilledServer implements AsyncDisposable {
  /** Grants and clients of others, and values of the person. */
  readonly size: number;
  readonly #parts: FilledParts;
  readonly #target: Target;
  readonly #person: TimedLogin;
  readonly #stop: () => PromiseLike<void>;

  constructor(
    size: number,
    parts: FilledParts,
    running: {
      readonly target: Target;
      readonly person: TimedLogin;
      readonly stop: () => PromiseLike<void>;
    },
  ) {
    this.size = size;
    this.#parts = parts;
    this.#target = running.target;
    this.#person = running.person;
    this.#stop = running.stop;
  }

  /** Milliseconds of calls of a tool. */
  call(name: string, args: object, expected: string, times: number): Promise<number[]> {
    const { accessToken } = this.#person;
    return this.#repeat(toRequest({ accessToken }, toToolCall(name, args)), expected, times);
  }

  /** Milliseconds of the person's page of connections. */
  showConnections(times: number): Promise<number[]> {
    const headers = { cookie: this.#person.cookies };
    return this.#repeat({ path: "/connections", headers }, "<form", times);
  }

  /** Signs others in. */
  async logIn(times: number): Promise<readonly TimedLogin[]> {
    return logIn(this.#parts, this.#target, times);
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#stop();
  }

  #repeat(sent: Sent, expected: string, times: number): Promise<number[]> {
    return this.#parts.load.run("repeat", { target: this.#target, sent, expected, times });
  }
}

/** Starts a Worker, fills its storage, and warms it. */
export async function startFilled(size: number, parts: FilledParts): Promise<FilledServer> {
  const { spec, seeder, load } = parts;
  await using starting = new AsyncDisposableStack();
  const server = starting.use(await startServer(spec, { beside: [seeder] }));
  const { target } = server;
  const [person] = await logIn(parts, target, 1, everyScope);
  if (person === undefined) throw new Error("Nobody has logged in.");
  const id = await findPerson(load, target, person.accessToken);
  const { status, text } = await load.run("askOnce", {
    target: server.targetOf(seeder.name),
    sent: { path: `/?${new URLSearchParams({ to: `${size}`, person: id })}` },
  });
  if (status !== 200) throw new Error(`Storage could not be filled: ${text}`);
  await load.run("call", {
    target,
    tokens: [person.accessToken],
    era: "legacy",
    inFlight: 8,
    calls: warmCalls,
    hasSessions: false,
  });
  await logIn(parts, target, warmLogins);
  const started = starting.move();
  return new FilledServer(size, parts, { target, person, stop: () => started.disposeAsync() });
}

async function logIn(
  { contestant: { login: way, resources }, load }: FilledParts,
  target: Target,
  times: number,
  scope?: string,
): Promise<readonly TimedLogin[]> {
  if (way === undefined) return [];
  const job = { target, way, path: resources.mcp, times };
  return (await load.run("logIn", { ...job, ...(scope !== undefined && { scope }) })).logins;
}

async function findPerson(load: Load, target: Target, accessToken: string): Promise<string> {
  const sent = toRequest({ accessToken }, toToolCall("whoami", {}));
  const { text } = await load.run("askOnce", { target, sent });
  const found = /"structuredContent":\s*\{\s*"id":\s*"([^"]+)"/.exec(text)?.[1];
  if (found === undefined) throw new Error(`whoami answered ${text}`);
  return found;
}

/** A Worker that fills the storage of another in the same runtime. */
export async function createSeeder(spec: WorkerSpec, folder: string): Promise<WorkerSpec> {
  const { code } = await bundleWorker({
    entryPoint: "tests/bench/workers/seed.ts",
    file: join(folder, "seed.js"),
  });
  return {
    ...spec,
    name: "seed",
    modules: [{ name: mainModule, type: "ESModule", contents: code }],
    bindings: spec.bindings.flatMap((binding): WorkerBinding[] => {
      if (binding.type === "kv_namespace") return [binding];
      if (binding.type !== "durable_object_namespace") return [];
      return [{ ...binding, scriptName: spec.name }];
    }),
    crons: [],
  };
}
