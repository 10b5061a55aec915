import { tellError } from "../errors.ts";
import { Gate } from "../runtime/gate.ts";
import { ProcessRecord } from "../runtime/left-behind.ts";
import { WorkerRuntime, WorkerStartError } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";

/** Milliseconds that requests in flight have before the runtime restarts under them. */
const drainTime = 10_000;

/** Alarms of Durable Objects wait for it. Within it, one deployment is often followed by another. */
const usualIdleTime = 5000;

export interface FleetOptions {
  readonly dataDirectory: string;
  /** The Workers that are to run now. The first one takes no requests from people. */
  readonly listSpecs: () => readonly WorkerSpec[];
  /** Takes each line that a Worker or the runtime prints. */
  readonly onLine: (line: string) => void;
  /** Milliseconds after which a change starts the runtime though no request has come. Default: 5000. */
  readonly idleTime?: number;
}

/**
 * Every deployed Worker, in one runtime. A change restarts it: requests that come from then on wait
 * for the new state, those in flight finish first. Changes that come until somebody asks are taken together.
 */
export class Fleet implements AsyncDisposable {
  readonly gate = new Gate();
  readonly #options: FleetOptions;
  #runtime: WorkerRuntime | undefined;
  #serving: ReadonlyMap<string, WorkerSpec> = new Map();
  #isWanted = false;
  #needed = Promise.withResolvers<void>();
  #idle: NodeJS.Timeout | undefined;
  #reload: Promise<void> | undefined;
  #isEnding = false;

  private constructor(options: FleetOptions) {
    this.#options = options;
  }

  /**
   * Starts what is there; if that is the first Worker only, when it is asked. One Worker that does not start leaves
   * the others serving.
   */
  static async start(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options);
    if (options.listSpecs().length > 1) {
      await fleet.reload();
    } else {
      await new ProcessRecord(options.dataDirectory).endLeftBehind();
      // Whoever asks, by `reload`, hears of a failure.
      fleet.#want().catch(() => undefined);
    }
    return fleet;
  }

  /**
   * Takes over what `listSpecs` gives now. From this call on no request is answered by what was there
   * before. @returns when the new state serves.
   * @throws what keeps the runtime from starting. Requests are refused with it, until a later change starts one.
   */
  reload(): Promise<void> {
    this.#needed.resolve();
    return this.#want();
  }

  /** Does the same as soon as a request comes, or after a while without one. */
  reloadWhenAsked(): Promise<void> {
    const { idleTime = usualIdleTime } = this.#options;
    if (!this.#isEnding) this.#idle ??= setTimeout(() => this.#needed.resolve(), idleTime);
    return this.#want();
  }

  /** Whether this runs already, exactly so. False for all while nothing runs. */
  isServing(spec: WorkerSpec): boolean {
    const serving = this.#serving.get(spec.name);
    return serving !== undefined && isEqual(serving, spec);
  }

  /** Whether a Worker runs with a binding of this name. */
  isBound(worker: string, binding: string): boolean {
    return this.#serving.get(worker)?.bindings.some(({ name }) => name === binding) ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#needed.resolve();
    // Whoever asked for it hears of a failure.
    await this.#reload?.catch(() => undefined);
    clearTimeout(this.#idle);
    await this.#runtime?.[Symbol.asyncDispose]();
    this.gate[Symbol.dispose]();
  }

  #want(): Promise<void> {
    this.#isWanted = true;
    this.#reload ??= this.#reloadWhileWanted();
    return this.#reload;
  }

  async #reloadWhileWanted(): Promise<void> {
    try {
      while (this.#isWanted && !this.#isEnding) {
        await this.gate.close(drainTime);
        await Promise.race([this.#needed.promise, this.gate.asked]);
        clearTimeout(this.#idle);
        this.#idle = undefined;
        if (this.#isEnding) break;
        this.#needed = Promise.withResolvers();
        // Only now: what came while requests were finishing, and until one asked, is taken with it.
        this.#isWanted = false;
        try {
          await this.#take(this.#options.listSpecs());
        } catch (error) {
          // What came meanwhile may be what mends it.
          if (this.#isWanted) continue;
          this.#open(error);
          throw error;
        }
        this.#open();
      }
    } finally {
      // With the last look at what is wanted: a call between the two would be answered and not done.
      this.#reload = undefined;
    }
  }

  /** Lets requests through to what runs now. @param failure why that may be nothing. */
  #open(failure?: unknown): void {
    if (this.#runtime?.isRunning) {
      this.gate.open(this.#runtime);
    } else {
      this.#serving = new Map();
      this.gate.refuse(new Error(`the runtime does not start: ${tellError(failure)}`));
    }
  }

  async #take(wanted: readonly WorkerSpec[]): Promise<void> {
    // As after a Worker that came and went before anybody asked.
    if (wanted.length === this.#serving.size && wanted.every((spec) => this.isServing(spec)))
      return;
    try {
      await this.#run(wanted);
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      // Each was tried alone before it was stored, so this is rare: find which one it is.
      await this.#run(await leaveOutBroken(wanted, this.#serving, this.#options.onLine));
    }
  }

  async #run(specs: readonly WorkerSpec[]): Promise<void> {
    const { dataDirectory, onLine } = this.#options;
    if (this.#runtime !== undefined) await this.#runtime.replace(specs);
    else this.#runtime = await WorkerRuntime.boot(specs, { dataDirectory, onLine });
    this.#serving = byName(specs);
  }
}

/**
 * Each Worker that starts alone; in place of one that does not, what served before.
 * @throws WorkerStartError if the runtime does not start without a Worker either.
 */
async function leaveOutBroken(
  wanted: readonly WorkerSpec[],
  serving: ReadonlyMap<string, WorkerSpec>,
  onLine: (line: string) => void,
): Promise<WorkerSpec[]> {
  // If not even that starts, none of them is at fault.
  await using _empty = await WorkerRuntime.boot([]);
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
