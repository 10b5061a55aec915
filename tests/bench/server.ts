import { WorkerRuntime } from "../../scripts/runtime/runtime.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { origin, type Target } from "./load/http.ts";
import { listWorkerd } from "./process-use.ts";

/** A Worker in a workerd of its own. */
export interface BenchServer extends AsyncDisposable {
  readonly target: Target;
  readonly runtime: WorkerRuntime;
  /** Where another Worker of the same runtime is asked. */
  targetOf(worker: string): Target;
}

/** How it is started. */
export interface ServerOptions {
  /** Whether it can be profiled. Default: no. */
  readonly hasInspector?: boolean;
  /** Others in the same runtime. Default: none. */
  readonly beside?: readonly WorkerSpec[];
  /** Flags of V8, such as `--expose-gc`. Default: workerd's own. */
  readonly v8Flags?: readonly string[];
}

/** Where miniflare finds workerd's flags of V8, parted by spaces. It has no option for them. */
const flagsVariable = "MINIFLARE_WORKERD_V8_FLAGS";

/** Starts a Worker. Only one start at a time: its process is told from the others by being new. */
export async function startServer(
  spec: WorkerSpec,
  { hasInspector = false, beside = [], v8Flags = [] }: ServerOptions = {},
): Promise<BenchServer> {
  const before = new Set(await listWorkerd());
  const flagsBefore = process.env[flagsVariable];
  if (v8Flags.length > 0) process.env[flagsVariable] = v8Flags.join(" ");
  const runtime = await WorkerRuntime.boot([spec, ...beside], { hasInspector }).finally(() => {
    if (flagsBefore === undefined) delete process.env[flagsVariable];
    else process.env[flagsVariable] = flagsBefore;
  });
  const started = (await listWorkerd()).filter((pid) => !before.has(pid));
  const [pid, ...more] = started;
  if (pid === undefined || more.length > 0) {
    await runtime[Symbol.asyncDispose]();
    throw new Error(`One workerd was expected to start, not ${started.length}.`);
  }
  const { host } = new URL(origin);
  const targetOf = (worker: string) => ({
    port: runtime.port,
    headers: { ...runtime.headersFor(worker), host },
    pid,
  });
  return {
    target: targetOf(spec.name),
    runtime,
    targetOf,
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  };
}
