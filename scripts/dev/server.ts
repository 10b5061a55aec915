import { rm } from "node:fs/promises";
import { join } from "node:path";
import { stop } from "esbuild";
import { bundleWorker, productEntry, projectRoot } from "../../infra/bundle.ts";
import { checkPathName } from "../path-name.ts";
import { makePrivateFolder } from "../private-folder.ts";
import { forward } from "../runtime/forward.ts";
import { Gate } from "../runtime/gate.ts";
import { type Listener, listenOnLocalhost } from "../runtime/listen.ts";
import { prepareRuntime, WorkerRuntime } from "../runtime/runtime.ts";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import type { DeclaredResource } from "./declared-resource.ts";
import { KeyFile } from "./key-file.ts";
import { runProgram } from "./run-program.ts";
import { serveLocally } from "./serve-locally.ts";
import { readStackConfig } from "./stack-config.ts";
import { toWorkerSpec } from "./to-worker-spec.ts";

/** Milliseconds a reload waits for requests in flight. */
const drainTime = 2_000;

/** How a dev server is started. */
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
  /** Folder of data and keys. Default: `.dev` in the checkout. */
  readonly directory?: string;
  /** Takes each line that the Worker or the runtime prints. */
  readonly onLine?: (line: string) => void;
}

/** A stack, served from this machine. */
export class DevServer implements AsyncDisposable {
  readonly origin: string;
  readonly #options: DevServerOptions;
  readonly #keyFile: KeyFile;
  readonly #gate: Gate;
  readonly #listener: Listener;
  #runtime: WorkerRuntime | undefined;
  #spec: WorkerSpec | undefined;
  #entryPoint = productEntry;
  #resources: readonly DeclaredResource[] = [];

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
    const listener = await listenOnLocalhost(
      options.port,
      (incoming, outgoing) => void forward(incoming, outgoing, gate),
      (taken) => `Stop what listens there, or choose another: npm start -- --port ${taken + 1}`,
    );
    const server = new DevServer(options, keyFile, gate, listener);
    try {
      await makePrivateFolder(directory);
      prepareRuntime();
      const spec = await server.#declare(options.fresh === true ? dataDirectory : undefined);
      const { onLine, allowPrivate = false } = options;
      server.#runtime = await WorkerRuntime.boot([spec], {
        dataDirectory,
        allowPrivate,
        ...(onLine && { onLine }),
      });
      gate.open(server.#runtime);
      await fetch(server.origin);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the program declared. */
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
   * @throws esbuild's BuildFailure or WorkerStartError; the old Worker then goes on serving.
   */
  async reloadCode(): Promise<void> {
    const { code } = await bundleWorker({ entryPoint: this.#entryPoint });
    const [main] = this.spec.modules;
    if (main === undefined) throw new Error("The Worker has no module.");
    // esbuild's process would keep as much memory as the Worker's.
    await stop();
    await this.#replace({ ...this.spec, modules: [{ ...main, contents: code }] });
  }

  /** Runs the program again, for changed settings or infrastructure. @throws as `start` */
  async reloadProgram(): Promise<void> {
    await this.#redeclare(() => true);
  }

  /**
   * Runs the program again, for changed tools.
   * @returns whether they need something else than before, which is then there.
   * @throws as `start`
   */
  async reloadNeeds(): Promise<boolean> {
    const before = JSON.stringify(this.spec.bindings);
    return this.#redeclare(({ bindings }) => JSON.stringify(bindings) !== before);
  }

  /** Takes over what the program declares now, where it is wanted. */
  async #redeclare(isWanted: (spec: WorkerSpec) => boolean): Promise<boolean> {
    const before = this.#resources;
    try {
      const spec = await this.#declare();
      if (!isWanted(spec)) return false;
      await this.#replace(spec);
      return true;
    } catch (error) {
      this.#resources = before;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener[Symbol.asyncDispose]();
    this.#gate[Symbol.dispose]();
    await this.#runtime?.[Symbol.asyncDispose]();
  }

  /**
   * Runs the program with this server's origin and keeps the keys it made.
   * @param forgotten folder of data that is removed, with the keys of before, once the program has taken the
   * stack: nothing is lost for a stack that is missing or refused.
   */
  async #declare(forgotten?: string): Promise<WorkerSpec> {
    const { project, stack, values, secretKeys } = await readStackConfig(
      projectRoot,
      this.#options.stack,
    );
    const keys = forgotten === undefined ? await this.#keyFile.read() : {};
    const result = await runProgram({
      project,
      stack,
      values: serveLocally({ project, values }, this.origin),
      secretKeys,
      keys,
      program: this.#options.program,
    });
    if (forgotten !== undefined) {
      await rm(forgotten, { recursive: true, force: true });
      await this.#keyFile.forget();
    }
    if (JSON.stringify(result.keys) !== JSON.stringify(keys)) {
      await this.#keyFile.write(result.keys);
    }
    this.#entryPoint = result.entryPoint;
    this.#resources = result.resources;
    const spec = await toWorkerSpec(result.resources);
    this.#spec ??= spec;
    return spec;
  }

  async #replace(spec: WorkerSpec): Promise<void> {
    if (this.#runtime === undefined) throw new Error("The dev server has not started.");
    await this.#gate.close(drainTime);
    try {
      await this.#runtime.replace([spec]);
      this.#spec = spec;
    } finally {
      this.#gate.open(this.#runtime);
    }
  }
}
