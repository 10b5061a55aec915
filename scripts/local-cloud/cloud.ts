import { join } from "node:path";
import type { WorkerSpec } from "../runtime/worker-spec.ts";
import { type PlanLimits, plans } from "./billing-plan.ts";
import { Faults } from "./faults.ts";
import { Fleet } from "./fleet.ts";
import { makeHexId } from "./identifiers.ts";
import { Journal } from "./journal.ts";
import { Locks } from "./locks.ts";
import { type PortHandler, Ports } from "./ports.ts";
import { RateLimit } from "./rate-limit.ts";
import {
  createRecords,
  type Deployment,
  type Records,
  type Script,
  toBucketId,
  type Version,
} from "./records.ts";
import { Storage } from "./storage.ts";
import { createStorageWorker, storageWorkerName } from "./storage-worker.ts";
import { Store } from "./store.ts";
import { removeUnusedData } from "./stored-data.ts";
import { type Surroundings, toWorkerModules, toWorkerSpec } from "./to-spec.ts";
import type { UploadedModule } from "./upload.ts";

/**
 * Namespaces that the running storage Worker is bound to before they are made: one that it is not bound to costs a
 * start of the runtime at its first value. Each is a line of the runtime's configuration.
 */
const spareNamespaces = 8;

export interface CloudParts {
  /** Folder of the store and of what Workers store. */
  readonly directory: string;
  readonly plan: keyof typeof plans;
  readonly isRateLimited: boolean;
  /** Milliseconds that an uploaded Worker may take to start. Undefined: the local cloud's own limit. */
  readonly startLimit: number | undefined;
  /** Workers get the ports after it. */
  readonly apiPort: number;
  /** Takes each line that a Worker or the runtime prints. */
  readonly onLine: (line: string) => void;
  readonly handlePort: PortHandler;
}

/** The cloud behind the API: what it consists of, and the Workers that run. */
export class Cloud implements AsyncDisposable {
  readonly store: Store;
  readonly records: Records;
  readonly plan: PlanLimits;
  readonly ports: Ports;
  readonly locks = new Locks();
  readonly faults = new Faults();
  readonly journal = new Journal();
  readonly rateLimit: RateLimit;
  readonly startLimit: number | undefined;
  /** Folder of what Workers store. */
  readonly dataDirectory: string;
  readonly #onLine: (line: string) => void;
  readonly #modules = new Map<string, WorkerSpec["modules"]>();
  /** Ids of the next KV namespaces, in the order in which they are made. */
  readonly #spareIds: string[] = [];
  /** Calls of `reload` that have not ended. */
  readonly #reloads = new Set<Promise<void>>();
  #isEnding = false;
  #fleet: Fleet | undefined;
  #storage: Storage | undefined;

  private constructor(parts: CloudParts) {
    this.dataDirectory = join(parts.directory, "data");
    this.#onLine = parts.onLine;
    this.store = new Store(join(parts.directory, "cloud.sqlite"));
    this.records = createRecords(this.store);
    this.plan = plans[parts.plan];
    this.startLimit = parts.startLimit;
    this.ports = new Ports(this.store, parts.apiPort, parts.handlePort);
    this.rateLimit = new RateLimit(parts.isRateLimited);
    // Code of versions that are gone.
    const versions = this.records.versions.list().flatMap(({ modules }) => modules);
    this.store.sweepBytes(new Set(versions.map(({ hash }) => hash)));
  }

  /** Opens the store and starts what is deployed. */
  static async open(parts: CloudParts): Promise<Cloud> {
    const cloud = new Cloud(parts);
    try {
      cloud.#fleet = await Fleet.start({
        dataDirectory: cloud.dataDirectory,
        listSpecs: () => cloud.#listSpecs(),
        onLine: parts.onLine,
      });
      // Of a change that ended with the cloud before the runtime took it over.
      await removeUnusedData(cloud.dataDirectory, cloud.records);
      cloud.#storage = new Storage(cloud.#fleet.gate, (name) => cloud.#ensureStorage(name));
      for (const { script, port } of await cloud.ports.open()) {
        parts.onLine(
          `Port ${port} of ${script} is taken by another program: the Worker is not reachable. Stop that program and start again.`,
        );
      }
      return cloud;
    } catch (error) {
      await cloud[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The running Workers. */
  get fleet(): Fleet {
    if (this.#fleet === undefined) throw new Error("The cloud has not started.");
    return this.#fleet;
  }

  /** Everything that Workers store. */
  get storage(): Storage {
    if (this.#storage === undefined) throw new Error("The cloud has not started.");
    return this.#storage;
  }

  /** A Worker by its name. */
  findScript(account: string, name: string): Script | undefined {
    return this.records.scripts
      .list((each) => each.account === account && each.name === name)
      .at(0);
  }

  /** The newest version of a Worker, deployed or not. */
  newestVersion(script: Script): Version | undefined {
    return this.listVersions(script).at(0);
  }

  /** The newest first. */
  listVersions({ tag }: Script): Version[] {
    return this.records.versions.list((each) => each.script === tag).toReversed();
  }

  /** The newest first. */
  listDeployments({ tag }: Script): Deployment[] {
    return this.records.deployments.list((each) => each.script === tag).toReversed();
  }

  /**
   * The version that serves: of a deployment of several, the one with the largest share, since requests
   * are not split here.
   */
  servingVersion(script: Script): Version | undefined {
    const [deployment] = this.listDeployments(script);
    const [largest] = (deployment?.versions ?? []).toSorted(
      (one, other) => other.percentage - one.percentage,
    );
    return largest && this.records.versions.get(largest.version_id);
  }

  /** The modules of a version with their bytes. */
  readModules(version: Version): UploadedModule[] {
    return version.modules.map(({ name, contentType, type, hash }) => ({
      name,
      contentType,
      type,
      contents: this.store.readBytes(hash),
    }));
  }

  /** Removes a Worker with its versions, routes and domains. To be called inside a change. */
  removeScript(script: Script): void {
    const { scripts, versions, deployments, routes, domains, zones } = this.records;
    const isOwn = (zone: string) => zones.get(zone)?.account === script.account;
    for (const each of this.listVersions(script)) versions.delete(each);
    for (const each of this.listDeployments(script)) deployments.delete(each);
    for (const each of routes.list((route) => route.script === script.name && isOwn(route.zone))) {
      routes.delete(each);
    }
    for (const each of domains.list(({ account, service }) => {
      return account === script.account && service === script.name;
    })) {
      domains.delete(each);
    }
    scripts.delete(script);
  }

  /** The code of every serving Worker with this main module; undefined if they differ, or none has it. */
  findCommonCode(mainModule: string): string | undefined {
    const found = new Set<unknown>();
    for (const [main] of this.#modules.values()) {
      if (main?.name === mainModule) found.add(main.contents);
    }
    const [code] = found;
    return found.size === 1 && typeof code === "string" ? code : undefined;
  }

  /** Everything that bindings of an account's Workers may lead to. */
  surroundings(account: string): Surroundings {
    return {
      findScript: (name) => this.findScript(account, name),
      toBucketId: (name) => toBucketId({ account, name }),
    };
  }

  /**
   * Lets the runtime take over what changed, at the next request or after a while. No request that comes after this
   * call meets what was there before.
   */
  reload(): void {
    const reload = this.#takeOver().finally(() => this.#reloads.delete(reload));
    this.#reloads.add(reload);
  }

  async #takeOver(): Promise<void> {
    try {
      await this.fleet.reloadWhenAsked();
      // Else the runtime may use the data still: it has ended without taking the change over.
      if (!this.#isEnding) await removeUnusedData(this.dataDirectory, this.records);
    } catch (error) {
      this.report(error);
    }
  }

  /** Tells the person at the terminal where a Worker serves that was just deployed. */
  tellDeployed({ name, port }: Pick<Script, "name" | "port">): void {
    this.#onLine(`Deployed ${name}: http://localhost:${port}/`);
  }

  /** Tells the person at the terminal of an error that is this program's own. */
  report(error: unknown): void {
    this.#onLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.ports[Symbol.asyncDispose]();
    await this.#fleet?.[Symbol.asyncDispose]();
    await Promise.all(this.#reloads);
    this.store[Symbol.dispose]();
  }

  /** The id for a new KV namespace, whose values can be reached as soon as it is made. */
  takeNamespaceId(): string {
    return this.#spareIds.shift() ?? makeHexId();
  }

  async #ensureStorage(binding: string): Promise<void> {
    if (!this.fleet.isBound(storageWorkerName, binding)) await this.fleet.reload();
  }

  #createStorageWorker(): WorkerSpec {
    return createStorageWorker({
      namespaceIds: [...this.records.namespaces.list().map(({ id }) => id), ...this.#spareIds],
      databaseIds: this.records.databases.list().map(({ uuid }) => uuid),
      buckets: this.records.buckets.list().map(toBucketId),
    });
  }

  #listSpecs(): WorkerSpec[] {
    while (this.#spareIds.length < spareNamespaces) this.#spareIds.push(makeHexId());
    const specs = [this.#createStorageWorker()];
    const serving = new Set<string>();
    for (const script of this.records.scripts.list()) {
      const version = this.servingVersion(script);
      if (version === undefined) continue;
      serving.add(version.id);
      const modules = this.#modules.get(version.id) ?? toWorkerModules(this.readModules(version));
      this.#modules.set(version.id, modules);
      specs.push(toWorkerSpec(script, version, modules, this.surroundings(script.account)));
    }
    for (const id of this.#modules.keys()) if (!serving.has(id)) this.#modules.delete(id);
    return specs;
  }
}
