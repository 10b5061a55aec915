import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Miniflare, MiniflareOptions } from "miniflare";
import { createAbsentServices } from "./absent-services.ts";
import type { WorkerSpec } from "./worker-spec.ts";

/** How a runtime is set up. */
export interface RuntimeOptions {
  /** Folder for KV and Durable Object data; without one nothing is kept. */
  readonly dataDirectory?: string;
  /** Takes each line that the Worker or the runtime prints. */
  readonly onLine?: (line: string) => void;
}

/** A Worker that does not start: a throw at the top level, an export that is missing, a wrong setting. */
export class WorkerStartError extends Error {
  override readonly name = "WorkerStartError";
}

/** Starts loading what `boot` needs, while something else is waited for. */
export function prepareRuntime(): void {
  // A failure shows again, and is reported, when `boot` imports it.
  import("miniflare").catch(() => undefined);
}

/** workerd with one Worker in it. */
export class WorkerRuntime implements AsyncDisposable {
  readonly #miniflare: Miniflare;
  readonly #dataDirectory: string | undefined;
  readonly #output: RuntimeOutput;
  #spec: WorkerSpec;
  #port = 0;

  private constructor(
    miniflare: Miniflare,
    dataDirectory: string | undefined,
    output: RuntimeOutput,
    spec: WorkerSpec,
  ) {
    this.#miniflare = miniflare;
    this.#dataDirectory = dataDirectory;
    this.#output = output;
    this.#spec = spec;
  }

  /** Starts workerd on a free port of 127.0.0.1. @throws WorkerStartError */
  static async boot(spec: WorkerSpec, options: RuntimeOptions = {}): Promise<WorkerRuntime> {
    const { dataDirectory, onLine } = options;
    // Loaded here, so that a wrong option at the terminal is answered without waiting for it.
    const { Miniflare } = await import("miniflare");
    const output = new RuntimeOutput(onLine);
    const miniflare = new Miniflare(toMiniflareOptions(spec, dataDirectory, output));
    const runtime = new WorkerRuntime(miniflare, dataDirectory, output, spec);
    try {
      await runtime.#awaitStart();
      return runtime;
    } catch (error) {
      // A failed instance keeps the process alive until it is disposed.
      await miniflare.dispose().catch(() => undefined);
      throw error;
    }
  }

  /** Where workerd listens, on 127.0.0.1. Changes with `replace`. */
  get port(): number {
    return this.#port;
  }

  /**
   * Puts another Worker in place, with the same data. Nothing is served meanwhile, so requests are
   * to be held back.
   * @throws WorkerStartError where the new one does not start; the old one then serves again.
   */
  async replace(spec: WorkerSpec): Promise<void> {
    try {
      await this.#load(spec);
      this.#spec = spec;
    } catch (error) {
      // A Worker that does not start takes the whole runtime down until a good one comes.
      await this.#load(this.#spec);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#miniflare.dispose();
  }

  async #load(spec: WorkerSpec): Promise<void> {
    this.#output.hold();
    const options = toMiniflareOptions(spec, this.#dataDirectory, this.#output);
    await this.#awaitStart(this.#miniflare.setOptions(options));
  }

  /** Waits for workerd to listen, after what makes it start. */
  async #awaitStart(started?: Promise<void>): Promise<void> {
    try {
      await started;
      const { port } = await this.#miniflare.ready;
      this.#port = Number(port);
      this.#output.release();
    } catch (error) {
      throw new WorkerStartError(this.#output.explain(error));
    }
  }
}

/**
 * What workerd prints. The lines of a start are held back: they are passed on when it succeeds, and
 * are the explanation when it does not.
 */
class RuntimeOutput {
  #held: string[] | undefined = [];
  readonly #onLine: ((line: string) => void) | undefined;

  constructor(onLine: ((line: string) => void) | undefined) {
    this.#onLine = onLine;
  }

  take(line: string): void {
    if (this.#held === undefined) this.#onLine?.(line);
    else this.#held.push(line);
  }

  hold(): void {
    this.#held = [];
  }

  release(): void {
    const lines = this.#held ?? [];
    this.#held = undefined;
    for (const line of lines) this.#onLine?.(line);
  }

  /** workerd says itself what is wrong; the error only says that it ended. */
  explain(error: unknown): string {
    const said = (this.#held ?? []).filter((line) => line.trim() !== "").join("\n");
    if (said !== "") return said;
    return error instanceof Error ? error.message : String(error);
  }
}

function toMiniflareOptions(
  spec: WorkerSpec,
  dataDirectory: string | undefined,
  output: RuntimeOutput,
): MiniflareOptions {
  const absent = createAbsentServices(spec);
  return {
    host: "127.0.0.1",
    port: 0,
    // Otherwise it goes online at start for a Request.cf object.
    cf: false,
    unsafeTriggerHandlers: true,
    ...(dataDirectory !== undefined && { defaultPersistRoot: dataDirectory }),
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const input of [stdout, stderr]) {
        createInterface({ input }).on("line", (line) => output.take(line));
      }
    },
    // The first one takes the requests.
    workers: [
      {
        name: spec.name,
        modulesRoot: "/",
        modules: [{ type: "ESModule", path: "/worker.js", contents: spec.code }],
        compatibilityDate: spec.compatibilityDate,
        compatibilityFlags: [...spec.compatibilityFlags],
        ...toBindingOptions(spec),
        serviceBindings: absent.serviceBindings,
      },
      ...absent.workers,
    ],
  };
}

function toBindingOptions({ bindings }: WorkerSpec) {
  const pick = <Type extends WorkerSpec["bindings"][number]["type"]>(type: Type) =>
    bindings.filter(
      (binding): binding is Extract<typeof binding, { type: Type }> => binding.type === type,
    );
  return {
    kvNamespaces: Object.fromEntries(
      pick("kv_namespace").map(({ name, namespaceId }) => [name, namespaceId]),
    ),
    durableObjects: Object.fromEntries(
      pick("durable_object_namespace").map(({ name, className, uniqueKey }) => [
        name,
        { className, useSQLite: true, unsafeUniqueKey: uniqueKey },
      ]),
    ),
    ratelimits: Object.fromEntries(
      pick("ratelimit").map(({ name, namespaceId, simple }) => [
        name,
        { namespace_id: namespaceId, simple },
      ]),
    ),
    d1Databases: Object.fromEntries(pick("d1").map(({ name, id }) => [name, id])),
    r2Buckets: Object.fromEntries(
      pick("r2_bucket").map(({ name, bucketName }) => [name, bucketName]),
    ),
    bindings: Object.fromEntries([
      ...[...pick("secret_text"), ...pick("plain_text")].map(({ name, text }) => [name, text]),
      ...pick("json").map(({ name, json }) => [name, json]),
    ]),
  };
}
