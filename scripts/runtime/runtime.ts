import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type {
  Miniflare,
  MiniflareOptions,
  Request as MiniflareRequest,
  Response as MiniflareResponse,
  WorkerOptions,
} from "miniflare";
import { tellError } from "../errors.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { createServices } from "./absent-services.ts";
import { BucketNames } from "./bucket-names.ts";
import type { RuntimeEntry } from "./gate.ts";
import { ProcessRecord } from "./left-behind.ts";
import { loadMiniflare } from "./load-miniflare.ts";
import { toReachableNetwork } from "./public-network.ts";
import { toRuntimeLine } from "./runtime-line.ts";
import { failUnstarted, watchProcesses } from "./started-processes.ts";
import type { WorkerSpec } from "./worker-spec.ts";

export interface RuntimeOptions {
  /** Folder for KV and Durable Object data; without one nothing is kept. */
  readonly dataDirectory?: string;
  /** Takes each line that the Worker or the runtime prints. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds that a start may take; one that never ends is ended. Default: no limit. */
  readonly startLimit?: number;
  /** Answers what a Worker fetches. Default: whoever has that address. */
  readonly outbound?: Outbound;
  /** Whether Workers may reach private addresses, whatever their flags say. Default: no. */
  readonly allowPrivate?: boolean;
  /**
   * Whether workerd's own inspector listens, at any free port of 127.0.0.1. It lets in whoever connects, so its port
   * is not told to people: `InspectorDoor` is in front of it. Default: no.
   */
  readonly hasInspector?: boolean;
}

/** Matches every address that a Worker can reach. */
export type Outbound = (url: string, request: OutboundRequest) => Response | Promise<Response>;

export interface OutboundRequest {
  readonly method: string;
  readonly headers: Headers;
  /** Empty if it sends none. */
  readonly body: string;
}

/** A Worker that does not start: a throw at the top level, an export that is missing, a wrong setting. */
export class WorkerStartError extends Error {
  override readonly name = "WorkerStartError";
}

/** Starts loading what `boot` needs, while something else is waited for. */
export function prepareRuntime(): void {
  // Not at once: who calls this begins the waiting after it.
  setImmediate(() => {
    try {
      loadMiniflare();
    } catch {
      // A failure shows again, and is reported, when `boot` loads it.
    }
  });
}

/**
 * workerd with Workers in it. Its port is open to every program of this machine, and miniflare lets a header
 * choose the Worker there; so each Worker is called by a name that holds a secret of this start, and a
 * request without it is refused.
 */
export class WorkerRuntime implements RuntimeEntry, AsyncDisposable {
  readonly #dataDirectory: string | undefined;
  readonly #record: ProcessRecord | undefined;
  readonly #bucketNames: BucketNames;
  readonly #secret = randomBytes(24).toString("base64url");
  readonly #output: RuntimeOutput;
  readonly #startLimit: number | undefined;
  readonly #outbound: Outbound | undefined;
  readonly #allowPrivate: boolean;
  readonly #hasInspector: boolean;
  #miniflare: Miniflare | undefined;
  #specs: readonly WorkerSpec[] = [];
  #port = 0;
  #isRunning = false;

  private constructor(options: RuntimeOptions) {
    const { dataDirectory, onLine, startLimit, outbound, allowPrivate = false } = options;
    this.#hasInspector = options.hasInspector ?? false;
    this.#allowPrivate = allowPrivate;
    this.#startLimit = startLimit;
    this.#outbound = outbound;
    this.#dataDirectory = dataDirectory;
    this.#record = dataDirectory === undefined ? undefined : new ProcessRecord(dataDirectory);
    this.#bucketNames = new BucketNames(dataDirectory);
    this.#output = new RuntimeOutput(onLine, this.#toName(""));
  }

  /**
   * Starts workerd on a free port of 127.0.0.1.
   * @param specs the first one takes the requests for which `headersFor` is given no name.
   * @throws WorkerStartError; and another error if there is no workerd for this machine.
   */
  static async boot(
    specs: readonly WorkerSpec[],
    options: RuntimeOptions = {},
  ): Promise<WorkerRuntime> {
    const runtime = new WorkerRuntime(options);
    if (options.dataDirectory !== undefined) await makePrivateFolder(options.dataDirectory);
    await runtime.#record?.endLeftBehind();
    try {
      await runtime.#load(specs);
      return runtime;
    } catch (error) {
      // A failed instance keeps the process alive until it is disposed.
      await runtime.#miniflare?.dispose().catch(() => undefined);
      throw error;
    }
  }

  /** Where workerd listens, on 127.0.0.1. Changes with `replace`. */
  get port(): number {
    return this.#port;
  }

  /** False after a `replace` that failed, and after which the old Workers did not start again either. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  headersFor(worker: string = this.#specs[0]?.name ?? ""): Readonly<Record<string, string>> {
    return { "mf-route-override": this.#toName(worker) };
  }

  /** Where the inspector of a Worker listens. Changes with `replace`. @throws Error unless it has one. */
  async findInspector(worker: string = this.#specs[0]?.name ?? ""): Promise<URL> {
    if (this.#miniflare === undefined) throw new Error("The runtime has not started.");
    return new URL(`/core:user:${this.#toName(worker)}`, await this.#miniflare.getInspectorURL());
  }

  /**
   * Puts other Workers in place, with the same data. Nothing is served meanwhile, so requests are
   * to be held back.
   * @param prepare what has to be done in the new ones before they serve.
   * @throws WorkerStartError if one of the new ones does not start, and what `prepare` throws; the old ones
   *   then serve again.
   */
  async replace(
    specs: readonly WorkerSpec[],
    prepare: () => Promise<void> = async () => undefined,
  ): Promise<void> {
    const before = this.#specs;
    try {
      await this.#load(specs);
      await prepare();
    } catch (error) {
      // A Worker that does not start takes the whole runtime down until a good one comes.
      await this.#load(before);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#miniflare?.dispose();
  }

  /** Name of a Worker in the runtime. */
  #toName(worker: string): string {
    return `${worker}.${this.#secret}`;
  }

  async #load(specs: readonly WorkerSpec[]): Promise<void> {
    // Loaded here, so that a wrong option at the terminal is answered without waiting for it; and not below, because
    // it says itself why there is no workerd for this machine, and no Worker is at fault.
    const miniflare = loadMiniflare();
    this.#isRunning = false;
    this.#output.hold();
    const start = async () => {
      const { Miniflare, supportedCompatibilityDate } = miniflare;
      const options = toMiniflareOptions(specs, {
        dataDirectory: this.#dataDirectory,
        output: this.#output,
        toName: (worker) => this.#toName(worker),
        toBucketName: await this.#bucketNames.prepare(specs),
        newestDate: supportedCompatibilityDate,
        allowPrivate: this.#allowPrivate,
        hasInspector: this.#hasInspector,
        outboundService: this.#outbound && toOutboundService(this.#outbound, miniflare.Response),
      });
      if (this.#miniflare === undefined) this.#miniflare = new Miniflare(options);
      else await this.#miniflare.setOptions(options);
      return this.#miniflare.ready;
    };
    try {
      const started = watchProcesses((child) => {
        failUnstarted(child);
        this.#record?.note(child);
      }, start);
      const { port } = await limitTime(started, this.#startLimit);
      this.#port = Number(port);
      this.#specs = specs;
      this.#isRunning = true;
      this.#output.release();
    } catch (error) {
      throw new WorkerStartError(this.#output.explain(error));
    }
  }
}

/** @throws Error if the work takes longer. */
async function limitTime<Result>(
  work: Promise<Result>,
  limit: number | undefined,
): Promise<Result> {
  if (limit === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const late = setTimeout(() => {
    reject(new Error(`The Worker has not started after ${limit / 1000} seconds.`));
  }, limit);
  // What comes of it afterwards is nobody's concern.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(late);
  }
}

/**
 * What workerd prints. The lines of a start are held back: they are passed on when it succeeds, and
 * are the explanation when it does not.
 */
class RuntimeOutput {
  #held: string[] | undefined = [];
  readonly #onLine: ((line: string) => void) | undefined;
  readonly #hidden: string;

  /** @param hidden what no line shows. */
  constructor(onLine: ((line: string) => void) | undefined, hidden: string) {
    this.#onLine = onLine;
    this.#hidden = hidden;
  }

  take(printed: string): void {
    const line = toRuntimeLine(printed.replaceAll(this.#hidden, ""));
    if (line === undefined) return;
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
    return tellError(error).replaceAll(this.#hidden, "");
  }
}

interface RuntimeParts {
  readonly dataDirectory: string | undefined;
  readonly output: RuntimeOutput;
  /** Name of a Worker in the runtime, which nobody outside can know. */
  readonly toName: (worker: string) => string;
  /** Name of an R2 bucket in the runtime, likewise. */
  readonly toBucketName: (bucket: string) => string;
  /** The newest compatibility date that this workerd knows: a later one would end it. */
  readonly newestDate: string;
  readonly outboundService: OutboundService | undefined;
  readonly allowPrivate: boolean;
  readonly hasInspector: boolean;
}

export type OutboundService = (request: MiniflareRequest) => Promise<MiniflareResponse>;

/** miniflare takes no other class of responses than its own. */
function toOutboundService(
  outbound: Outbound,
  Response: typeof MiniflareResponse,
): OutboundService {
  return async (request) => {
    const sent = {
      method: request.method,
      headers: new Headers([...request.headers]),
      body: await request.text(),
    };
    const { status, headers, body } = await outbound(request.url, sent);
    const text = body === null ? null : await new globalThis.Response(body).text();
    return new Response(text, { status, headers: [...headers] });
  };
}

function toMiniflareOptions(specs: readonly WorkerSpec[], parts: RuntimeParts): MiniflareOptions {
  const { dataDirectory, output } = parts;
  const present = new Set(specs.map(({ name }) => name));
  return {
    host: "127.0.0.1",
    port: 0,
    // Otherwise it goes online at start for a Request.cf object.
    cf: false,
    unsafeTriggerHandlers: true,
    ...(parts.hasInspector && { inspectorHost: "127.0.0.1", inspectorPort: 0 }),
    ...(dataDirectory !== undefined && { defaultPersistRoot: dataDirectory }),
    handleRuntimeStdio(stdout: Readable, stderr: Readable) {
      for (const input of [stdout, stderr]) {
        createInterface({ input }).on("line", (line) => output.take(line));
      }
    },
    workers: [door, ...specs.flatMap((spec) => toWorkerOptions(spec, present, parts))],
  };
}

/** Answers requests that name no Worker: it is the runtime's first. */
const door: WorkerOptions = {
  name: "door",
  modules: [
    {
      type: "ESModule",
      path: "/door.js",
      contents: `export default { fetch: () => new Response("This port is not for you.", { status: 403 }) };`,
    },
  ],
  modulesRoot: "/",
  compatibilityDate: "2026-01-01",
};

/** One Worker, and stand-ins for those that it needs and that are not here. */
function toWorkerOptions(
  spec: WorkerSpec,
  present: ReadonlySet<string>,
  { newestDate, outboundService, allowPrivate, toName, toBucketName }: RuntimeParts,
): WorkerOptions[] {
  const services = createServices(spec, present);
  return [
    {
      name: toName(spec.name),
      // Sent with what it fetches, where it would else be made of the name (the header CF-Worker).
      zone: `${spec.name}.example.com`,
      modulesRoot: "/",
      modules: spec.modules.map(({ name, type, contents }) => ({
        type,
        path: `/${name}`,
        contents,
      })),
      compatibilityDate: spec.compatibilityDate > newestDate ? newestDate : spec.compatibilityDate,
      compatibilityFlags: [...spec.compatibilityFlags],
      ...toBindingOptions(spec, { toName, toBucketName }),
      serviceBindings: Object.fromEntries(
        Object.entries(services.bindings).map(([binding, target]) => [
          binding,
          { ...target, name: toName(target.name) },
        ]),
      ),
      ...(allowPrivate ? {} : toReachableNetwork(spec, outboundService)),
    },
    ...services.absent.map((each) => ({ ...each, name: toName(each.name ?? "") })),
  ];
}

function toBindingOptions(
  { bindings }: WorkerSpec,
  { toName, toBucketName }: Pick<RuntimeParts, "toName" | "toBucketName">,
) {
  const pick = <Type extends WorkerSpec["bindings"][number]["type"]>(type: Type) =>
    bindings.filter(
      (binding): binding is Extract<typeof binding, { type: Type }> => binding.type === type,
    );
  return {
    kvNamespaces: Object.fromEntries(
      pick("kv_namespace").map(({ name, namespaceId }) => [name, namespaceId]),
    ),
    durableObjects: Object.fromEntries(
      pick("durable_object_namespace").map(({ name, className, uniqueKey, scriptName }) => [
        name,
        {
          className,
          useSQLite: true,
          unsafeUniqueKey: uniqueKey,
          ...(scriptName !== undefined && { scriptName: toName(scriptName) }),
        },
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
      pick("r2_bucket").map(({ name, bucketName }) => [name, toBucketName(bucketName)]),
    ),
    bindings: Object.fromEntries([
      ...[...pick("secret_text"), ...pick("plain_text")].map(({ name, text }) => [name, text]),
      ...pick("json").map(({ name, json }) => [name, json]),
    ]),
  };
}
