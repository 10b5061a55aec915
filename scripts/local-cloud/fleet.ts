import { Gate } from "../runtime/gate.ts";
import { WorkerRuntime, WorkerStartError } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";

/** Milliseconds that requests in flight have before the runtime restarts under them. */
const drainTime = 10_000;

export interface FleetOptions {
  readonly dataDirectory: string;
  /** The Workers that are to run now. The first one takes no requests from people. */
  readonly listSpecs: () => readonly WorkerSpec[];
  /** Takes each line that a Worker or the runtime prints. */
  readonly onLine: (line: string) => void;
}

/**
 * Every deployed Worker, in one runtime. A change restarts it: requests that come from then on wait
 * for the new state, those in flight finish first. Changes that come meanwhile are taken together.
 */
export class Fleet implements AsyncDisposable {
  readonly gate = new Gate();
  readonly #options: FleetOptions;
  readonly #runtime: WorkerRuntime;
  #serving: ReadonlyMap<string, WorkerSpec>;
  #isWanted = false;
  #reload: Promise<void> | undefined;
  #isEnding = false;

  private constructor(options: FleetOptions, runtime: WorkerRuntime, specs: readonly WorkerSpec[]) {
    this.#options = options;
    this.#runtime = runtime;
    this.#serving = byName(specs);
    this.gate.open(runtime);
  }

  /** Starts what is there. One Worker that does not start leaves the others serving. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { dataDirectory, onLine } = options;
    const wanted = options.listSpecs();
    const boot = (specs: readonly WorkerSpec[]) =>
      WorkerRuntime.boot(specs, { dataDirectory, onLine });
    try {
      return new Fleet(options, await boot(wanted), wanted);
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      const starting = await leaveOutBroken(wanted, new Map(), onLine);
      return new Fleet(options, await boot(starting), starting);
    }
  }

  /**
   * Takes over what `listSpecs` gives now. From this call on no request is answered by what was there
   * before. @returns when the new state serves.
   */
  reload(): Promise<void> {
    this.#isWanted = true;
    this.#reload ??= this.#reloadWhileWanted();
    return this.#reload;
  }

  /** Whether this runs already, exactly so. */
  isServing(spec: WorkerSpec): boolean {
    const serving = this.#serving.get(spec.name);
    return serving !== undefined && isEqual(serving, spec);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#reload;
    await this.#runtime[Symbol.asyncDispose]();
    this.gate[Symbol.dispose]();
  }

  async #reloadWhileWanted(): Promise<void> {
    try {
      while (this.#isWanted && !this.#isEnding) {
        await this.gate.close(drainTime);
        // Only now: what came while requests were finishing is taken with it.
        this.#isWanted = false;
        try {
          await this.#take(this.#options.listSpecs());
        } finally {
          this.gate.open(this.#runtime);
        }
      }
    } finally {
      // With the last look at what is wanted: a call between the two would be answered and not done.
      this.#reload = undefined;
    }
  }

  async #take(wanted: readonly WorkerSpec[]): Promise<void> {
    try {
      await this.#runtime.replace(wanted);
      this.#serving = byName(wanted);
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      // Each was tried alone before it was stored, so this is rare: find which one it is.
      const starting = await leaveOutBroken(wanted, this.#serving, this.#options.onLine);
      await this.#runtime.replace(starting);
      this.#serving = byName(starting);
    }
  }
}

/** Each Worker that starts alone; in place of one that does not, what served before. */
async function leaveOutBroken(
  wanted: readonly WorkerSpec[],
  serving: ReadonlyMap<string, WorkerSpec>,
  onLine: (line: string) => void,
): Promise<WorkerSpec[]> {
  const starting: WorkerSpec[] = [];
  for (const spec of wanted) {
    const before = serving.get(spec.name);
    try {
      if (before === undefined || !isEqual(before, spec)) {
        await using _runtime = await WorkerRuntime.boot([spec]);
      }
      starting.push(spec);
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      onLine(`The Worker ${spec.name} does not start: ${error.message}`);
      if (before !== undefined) starting.push(before);
    }
  }
  return starting;
}

function byName(specs: readonly WorkerSpec[]): ReadonlyMap<string, WorkerSpec> {
  return new Map(specs.map((spec) => [spec.name, spec]));
}

/** The code of a version is the same object each time. */
function isEqual(one: WorkerSpec, other: WorkerSpec): boolean {
  return (
    one.modules === other.modules &&
    JSON.stringify({ ...one, modules: [] }) === JSON.stringify({ ...other, modules: [] })
  );
}
