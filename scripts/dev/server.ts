import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stop, transform } from "esbuild";
import {
  bundleFolder,
  bundleWorker,
  productEntry,
  projectRoot,
  toBundlePath,
  toMapPath,
} from "../../infra/bundle.ts";
import { allWaysIn, guessWaysIn, type WayIn } from "../../infra/ways-in.ts";
import { tellError } from "../errors.ts";
import { checkPathName } from "../path-name.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { forward } from "../runtime/forward.ts";
import { Gate } from "../runtime/gate.ts";
import { InspectorDoor } from "../runtime/inspector-door.ts";
import { type Listener, listenOnLocalhost } from "../runtime/listen.ts";
import { prepareRuntime, WorkerRuntime, WorkerStartError } from "../runtime/runtime.ts";
import { SourceLines } from "../runtime/source-lines.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { Databases } from "./databases.ts";
import type { DeclaredResource } from "./declared-resource.ts";
import { KeyFile } from "./key-file.ts";
import type { KnownBundle } from "./known-bundle.ts";
import type { RequestPaths } from "./request-paths.ts";
import { ProgramRunner } from "./run-program.ts";
import { serveLocally } from "./serve-locally.ts";
import { readStackConfig, type StackConfig } from "./stack-config.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

/** Milliseconds a reload waits for requests in flight. */
const drainTime = 2_000;

/** The bundle for a debugger, which is another than the one that is deployed. */
const inspectedPath = join(bundleFolder, "inspect/worker.js");

export interface DevServerOptions {
  readonly stack: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Removes this stack's data and generated keys, once its program has run. */
  readonly fresh?: boolean;
  /** Module of a program of other features, from the root of the checkout. Default: the project's own. */
  readonly program?: string | undefined;
  /** Lets the Worker reach this machine and private networks. Default: public addresses only, as at Cloudflare. */
  readonly allowPrivate?: boolean;
  /** Folder of `Pulumi.yaml` and the stack files. Default: the checkout. */
  readonly projectFolder?: string;
  /** Folder of data and keys. Default: `.dev` in the checkout. */
  readonly directory?: string;
  /** Values for secrets of tools that neither the stack nor this machine has, by name. Default: such a stack is refused. */
  readonly standIns?: Readonly<Record<string, string>>;
  /** Takes each line that the Worker or the runtime prints, with places in the sources if it has any. */
  readonly onLine?: (line: string) => void;
  /** Keeps the path of each request, for the Worker's line about it. Default: nobody asks for it. */
  readonly paths?: RequestPaths;
  /** Port of localhost at which a debugger attaches; 0 takes a free one. The code is then not minified. Default: none. */
  readonly inspectorPort?: number;
}

/** With what the program runs, beside the stack's configuration. */
interface Declaration {
  /** The bundle, if its code has not changed. Default: the program makes it. */
  readonly known?: KnownBundle | Promise<KnownBundle | undefined> | undefined;
  /**
   * Folder of data that is removed, with the previous keys, once the program has taken the stack: nothing is lost
   * for a stack that is refused. Default: none.
   */
  readonly forgotten?: string | undefined;
  /** Ends the run early. */
  readonly givenUp?: AbortSignal | undefined;
}

export class DevServer implements AsyncDisposable {
  readonly origin: string;
  readonly #options: DevServerOptions;
  readonly #keyFile: KeyFile;
  readonly #gate: Gate;
  readonly #listener: Listener;
  #inspectorDoor: InspectorDoor | undefined;
  #runtime: WorkerRuntime | undefined;
  #spec: WorkerSpec | undefined;
  #entryPoint = productEntry;
  /** Those of the stack, once the program has said it. */
  #ways: readonly WayIn[] = allWaysIn;
  #resources: readonly DeclaredResource[] = [];
  /** The bundle that runs, as it is in its file. */
  #code: string | undefined;
  /** The bundle of the last change of code that was taken over. */
  #known: KnownBundle | undefined;
  readonly #program = new ProgramRunner();
  /** Whether the program has run again since `prepareReload`. */
  #isRepeated = false;

  private constructor(options: DevServerOptions, keyFile: KeyFile, gate: Gate, listener: Listener) {
    this.#options = options;
    this.#keyFile = keyFile;
    this.#gate = gate;
    this.#listener = listener;
    this.origin = `http://localhost:${listener.port}`;
  }

  /**
   * Takes the port, runs the program, boots workerd and waits for its first answer.
   * @throws UserError for a port in use, a missing stack, a wrong setting or a build that fails.
   */
  static async start(options: DevServerOptions): Promise<DevServer> {
    const directory = options.directory ?? join(projectRoot, ".dev");
    const dataDirectory = join(directory, "data", checkPathName("--stack", options.stack));
    const keyFile = new KeyFile(join(directory, "keys.json"), options.stack);
    // Taken first: nothing is removed or built for a server that cannot listen.
    const gate = new Gate();
    const { paths } = options;
    const listener = await listenOnLocalhost(
      options.port,
      (incoming, outgoing) => {
        const requestId = paths?.note(incoming.url ?? "");
        void forward(incoming, outgoing, gate, requestId === undefined ? {} : { requestId });
      },
      (taken) => `Stop what listens there, or choose another: npm start -- --port ${taken + 1}`,
    );
    const server = new DevServer(options, keyFile, gate, listener);
    try {
      if (options.inspectorPort !== undefined) {
        server.#inspectorDoor = await InspectorDoor.open(
          options.inspectorPort,
          (taken) =>
            `Stop what listens there, or choose another: npm start -- --inspect ${taken + 1}`,
        );
      }
      server.#program.prepare();
      await makePrivateFolder(directory);
      const config = await server.#readConfig();
      const known = server.#bundleAhead(config);
      prepareRuntime();
      const forgotten = options.fresh === true ? dataDirectory : undefined;
      const spec = await server.#declare(config, { known, forgotten });
      await server.#boot(spec, dataDirectory);
      await fetch(server.origin);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where debuggers attach, on localhost. Undefined unless `inspectorPort` was given. */
  get inspectorPort(): number | undefined {
    return this.#inspectorDoor?.port;
  }

  get resources(): readonly DeclaredResource[] {
    return this.#resources;
  }

  /** The Worker that serves. */
  get spec(): WorkerSpec {
    if (this.#spec === undefined) throw new Error("The dev server has not started.");
    return this.#spec;
  }

  /**
   * Takes over changed code under `worker/`. The declared resources stay as they are.
   * @throws esbuild's BuildFailure or WorkerStartError; the old Worker then keeps serving.
   */
  async reloadCode(): Promise<void> {
    await this.#replace(await this.#bundle(this.spec));
  }

  /**
   * Runs the program again, for changed settings or infrastructure.
   * @param isCodeSame whether no code has changed: the Worker is then not bundled again. Default: no.
   * @throws as `start`
   */
  async reloadProgram(isCodeSame = false): Promise<void> {
    // The program's process bundles what has to be.
    await stop();
    await this.#redeclare(() => true, isCodeSame ? this.#known : undefined);
  }

  /**
   * Runs the program again, for changed tools whose code has been taken over.
   * @param givenUp ends the run early, for files that have changed again.
   * @returns whether they need something else than before, which is then there.
   * @throws as `start`, and the reason of `givenUp`.
   */
  async reloadNeeds(givenUp?: AbortSignal): Promise<boolean> {
    const before = JSON.stringify(this.spec.bindings);
    const hasChanged = ({ bindings }: WorkerSpec) => JSON.stringify(bindings) !== before;
    return this.#redeclare(hasChanged, this.#known, givenUp);
  }

  /** Makes ready for `reloadCode`, while the change is still being written. */
  prepareBundle(): void {
    // Starts esbuild's process.
    transform("").catch(() => undefined);
  }

  /** Makes ready for another run of the program, after one: whoever edits settings or tools does so again soon. */
  prepareReload(): void {
    if (this.#isRepeated) this.#program.prepare();
    this.#isRepeated = false;
  }

  /** Takes over what the program declares now, if it is wanted. */
  async #redeclare(
    isWanted: (spec: WorkerSpec) => boolean,
    known?: KnownBundle,
    givenUp?: AbortSignal,
  ): Promise<boolean> {
    const before = { resources: this.#resources, ways: this.#ways };
    this.#isRepeated = true;
    try {
      const spec = await this.#declare(await this.#readConfig(), { known, givenUp });
      if (!isWanted(spec)) return false;
      await this.#replace(spec);
      return true;
    } catch (error) {
      // The previous Worker keeps serving, and the next edit is compared with its code.
      this.#resources = before.resources;
      this.#ways = before.ways;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#program[Symbol.dispose]();
    await this.#listener[Symbol.asyncDispose]();
    this.#gate[Symbol.dispose]();
    await this.#inspectorDoor?.[Symbol.asyncDispose]();
    await this.#runtime?.[Symbol.asyncDispose]();
  }

  #readConfig(): Promise<StackConfig> {
    const { projectFolder = projectRoot, stack } = this.#options;
    return readStackConfig(projectFolder, stack);
  }

  /** Runs the program with this server's origin and keeps the keys it made. */
  async #declare(
    config: StackConfig,
    { known, forgotten, givenUp }: Declaration,
  ): Promise<WorkerSpec> {
    const { project, stack } = config;
    const standIns = Object.entries(this.#options.standIns ?? {}).flatMap(([name, value]) => {
      const key = `${project}:${name}`;
      return key in config.values ? [] : [[key, value] as const];
    });
    const values = { ...config.values, ...Object.fromEntries(standIns) };
    const secretKeys = [...config.secretKeys, ...standIns.map(([key]) => key)];
    const keys = forgotten === undefined ? await this.#keyFile.read() : {};
    const bundle = await known;
    const request = {
      project,
      stack,
      values: serveLocally({ project, values }, this.origin),
      secretKeys,
      keys,
      program: this.#options.program,
      ...(bundle !== undefined && { bundle }),
    };
    const result = await this.#program.run(request, givenUp);
    this.#known = result.bundle;
    if (forgotten !== undefined) {
      await rm(forgotten, { recursive: true, force: true });
      await this.#keyFile.forget();
    }
    if (JSON.stringify(result.keys) !== JSON.stringify(keys)) {
      await this.#keyFile.write(result.keys);
    }
    this.#entryPoint = result.entryPoint;
    this.#ways = result.ways;
    this.#resources = result.resources;
    const declared = await toWorkerSpec(result.resources);
    const spec =
      this.#options.inspectorPort === undefined ? declared : await this.#bundle(declared);
    this.#spec ??= spec;
    return spec;
  }

  /**
   * Bundles the Worker while the program's process loads. Undefined if the program has to name the Worker, and for
   * one that does not build: the program then says why.
   */
  async #bundleAhead({ project, values }: StackConfig): Promise<KnownBundle | undefined> {
    const { program, inspectorPort } = this.#options;
    if (program !== undefined || inspectorPort !== undefined) return undefined;
    try {
      const ways = guessWaysIn(project, values);
      const { file, sha256, exports } = await bundleWorker({ ways });
      return { file, sha256, exports, ways };
    } catch {
      return undefined;
    } finally {
      // Its process would keep as much memory as the Worker's.
      await stop();
    }
  }

  get #bundleFile(): string {
    const isInspected = this.#options.inspectorPort !== undefined;
    const path = isInspected ? inspectedPath : toBundlePath(this.#entryPoint, { ways: this.#ways });
    return join(projectRoot, path);
  }

  /** The Worker with its code as it is now. */
  async #bundle(spec: WorkerSpec): Promise<WorkerSpec> {
    const isInspected = this.#options.inspectorPort !== undefined;
    const file = this.#bundleFile;
    const ways = this.#ways;
    const { code, sha256, exports } = await bundleWorker({
      entryPoint: this.#entryPoint,
      ways,
      file,
      minify: !isInspected,
      isReused: false,
    });
    this.#known = isInspected ? undefined : { file, sha256, exports, ways };
    const [main] = spec.modules;
    if (main === undefined) throw new Error("The Worker has no module.");
    // esbuild's process would keep as much memory as the Worker's.
    await stop();
    // What is deployed names no map.
    const map = `\n${mapComment}${pathToFileURL(toMapPath(file)).href}\n`;
    return { ...spec, modules: [{ ...main, contents: isInspected ? code + map : code }] };
  }

  async #boot(spec: WorkerSpec, dataDirectory: string): Promise<void> {
    const { onLine, allowPrivate = false } = this.#options;
    const sources = new SourceLines(dirname(this.#bundleFile), projectRoot, () => this.#code);
    const databases = await Databases.read(spec);
    this.#code = toBundle(spec);
    const runtime = await this.#tellPlaces(spec, () =>
      WorkerRuntime.boot([spec, ...databases.specs], {
        dataDirectory,
        allowPrivate,
        ...(onLine && { onLine: (line) => onLine(sources.translate(line)) }),
        hasInspector: this.#inspectorDoor !== undefined,
      }),
    );
    this.#runtime = runtime;
    this.#inspectorDoor?.lead(() => runtime.findInspector());
    await this.#migrate(databases);
    this.#gate.open(runtime);
  }

  /** Tells where in the sources a Worker that does not start has thrown. */
  async #tellPlaces<Result>(spec: WorkerSpec, start: () => Promise<Result>): Promise<Result> {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof WorkerStartError)) throw error;
      const sources = new SourceLines(dirname(this.#bundleFile), projectRoot, () => toBundle(spec));
      throw new WorkerStartError(sources.translate(error.message));
    }
  }

  async #replace(spec: WorkerSpec): Promise<void> {
    const runtime = this.#runtime;
    if (runtime === undefined) throw new Error("The dev server has not started.");
    const databases = await Databases.read(spec);
    await this.#gate.close(drainTime);
    try {
      await this.#tellPlaces(spec, () =>
        runtime.replace([spec, ...databases.specs], () => this.#migrate(databases)),
      );
      this.#spec = spec;
      this.#code = toBundle(spec);
    } catch (error) {
      if (!runtime.isRunning) this.#gate.refuse(new Error(tellError(error)));
      throw error;
    } finally {
      if (runtime.isRunning) this.#gate.open(runtime);
    }
  }

  async #migrate(databases: Databases): Promise<void> {
    if (this.#runtime === undefined) return;
    const lines = await databases.migrate(this.#runtime);
    for (const line of lines) this.#options.onLine?.(line);
  }
}

/** Debuggers and browsers look for this after the code. */
const mapComment = "//# sourceMappingURL=";

/** The bundle of a Worker as it is in its file, without what was put behind it for a debugger. */
function toBundle({ modules: [main] }: WorkerSpec): string | undefined {
  if (typeof main?.contents !== "string") return undefined;
  return main.contents.replace(/\n\/\/# sourceMappingURL=file:.*\n$/, "");
}
