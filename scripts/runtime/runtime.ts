import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Miniflare, MiniflareOptions } from "miniflare";
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
  readonly #options: RuntimeOptions;
  #port: number;

  private constructor(miniflare: Miniflare, options: RuntimeOptions, port: number) {
    this.#miniflare = miniflare;
    this.#options = options;
    this.#port = port;
  }

  /** Starts workerd on a free port of 127.0.0.1. @throws WorkerStartError */
  static async boot(spec: WorkerSpec, options: RuntimeOptions = {}): Promise<WorkerRuntime> {
    // Loaded here, so that a wrong option at the terminal is answered without waiting for it.
    const { Miniflare } = await import("miniflare");
    const output: string[] = [];
    const collect = (line: string) => {
      output.push(line);
      options.onLine?.(line);
    };
    const miniflare = new Miniflare(toMiniflareOptions(spec, { ...options, onLine: collect }));
    try {
      const { port } = await miniflare.ready;
      return new WorkerRuntime(miniflare, options, Number(port));
    } catch (error) {
      // A failed instance keeps the process alive until it is disposed.
      await miniflare.dispose().catch(() => undefined);
      throw new WorkerStartError(explainStart(output, error));
    }
  }

  /** Where workerd listens, on 127.0.0.1. Changes with `replace`. */
  get port(): number {
    return this.#port;
  }

  /**
   * Puts another Worker in place. It is tried in a runtime of its own first, because a Worker that
   * does not start takes the whole runtime down.
   * @param beforeSwitch awaited between the trial and the switch: the time to hold requests back.
   * @throws WorkerStartError; the old Worker then goes on serving.
   */
  async replace(spec: WorkerSpec, beforeSwitch: () => Promise<void>): Promise<void> {
    const trial = await WorkerRuntime.boot(spec);
    await trial[Symbol.asyncDispose]();
    await beforeSwitch();
    await this.#miniflare.setOptions(toMiniflareOptions(spec, this.#options));
    const { port } = await this.#miniflare.ready;
    this.#port = Number(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#miniflare.dispose();
  }
}

function toMiniflareOptions(spec: WorkerSpec, options: RuntimeOptions): MiniflareOptions {
  const { dataDirectory, onLine } = options;
  return {
    host: "127.0.0.1",
    port: 0,
    // Otherwise it goes online at start for a Request.cf object.
    cf: false,
    unsafeTriggerHandlers: true,
    ...(dataDirectory !== undefined && { defaultPersistRoot: dataDirectory }),
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const stream of [stdout, stderr]) readLines(stream, onLine);
    },
    name: spec.name,
    modulesRoot: "/",
    modules: [{ type: "ESModule", path: "/worker.js", contents: spec.code }],
    compatibilityDate: spec.compatibilityDate,
    compatibilityFlags: [...spec.compatibilityFlags],
    ...toBindingOptions(spec),
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
    bindings: Object.fromEntries([
      ...[...pick("secret_text"), ...pick("plain_text")].map(({ name, text }) => [name, text]),
      ...pick("json").map(({ name, json }) => [name, json]),
    ]),
  };
}

function readLines(stream: Readable, onLine: ((line: string) => void) | undefined): void {
  createInterface({ input: stream }).on("line", (line) => onLine?.(line));
}

/** workerd says on its own output what is wrong; the error only says that it ended. */
function explainStart(output: readonly string[], error: unknown): string {
  const said = output.filter((line) => line.trim() !== "").join("\n");
  if (said !== "") return said;
  return error instanceof Error ? error.message : String(error);
}
