import { createHash, randomUUID } from "node:crypto";
import { fail } from "./api-error.ts";
import { refuseWorkers } from "./billing-plan.ts";
import { checkTargets, listBoundClasses, resolveBindings } from "./bindings.ts";
import type { Cloud } from "./cloud.ts";
import { deploy } from "./deploy.ts";
import { makeHexId, now } from "./identifiers.ts";
import { inspectWorker } from "./inspect-worker.ts";
import { assumeClasses, listClasses, migrateScript, noObjects } from "./migrations.ts";
import type { Script, StoredModule, Version } from "./records.ts";
import { toWorkerModules, toWorkerSpec } from "./to-spec.ts";
import { checkBindingForms, checkUpload, type Metadata, type Upload } from "./upload.ts";

/** Versions that are kept of a Worker, besides those that are deployed. */
const keptVersions = 100;

export interface ReleaseOptions {
  /** The client, as the API names it: `api`, `wrangler`, `terraform`. */
  readonly source: string;
  /** Its cause, for the annotation `workers/triggered_by`. */
  readonly trigger: "upload" | "version_upload" | "secret" | "settings" | "content";
  /** Whether it serves at once. */
  readonly isDeployed: boolean;
  /** Whether it may carry Durable Object steps; a plain version may not. */
  readonly allowsMigrations: boolean;
}

export interface Release {
  readonly script: Script;
  readonly version: Version;
}

/**
 * Makes a version of a Worker from an upload, and deploys it. The Worker is made if there is none.
 * Uploads to one Worker go one after the other.
 * @throws ApiError; then nothing has changed.
 */
export function release(
  cloud: Cloud,
  account: string,
  name: string,
  upload: Upload,
  options: ReleaseOptions,
): Promise<Release> {
  return cloud.locks.run(`${account}/${name}`, () =>
    releaseAlone(cloud, account, name, upload, options),
  );
}

/** To be called while nothing else changes this Worker. */
async function releaseAlone(
  cloud: Cloud,
  account: string,
  name: string,
  upload: Upload,
  options: ReleaseOptions,
): Promise<Release> {
  const { records, store, plan } = cloud;
  checkUpload(upload, plan);
  const prepared = prepare(cloud, account, name, upload, options);
  const { script: candidate, version: draft, migrations } = prepared;
  const modules = toWorkerModules(upload.modules);
  const { handlers, namedHandlers, startupTime } = await inspectWorker(
    toWorkerSpec(
      { ...candidate, classes: assumeClasses(draft.bindings) },
      draft,
      modules,
      cloud.surroundings(account),
    ),
    cloud.startLimit,
  );
  const port = await cloud.ports.assign(account, name);
  const released = store.change(() => {
    // Both may have changed while it was tried: what it leads to, and the Worker's settings.
    checkTargets(draft.bindings, records, account, name);
    const found = cloud.findScript(account, name);
    if (found === undefined) refuseTooMany(cloud, account);
    const current = found ?? candidate;
    // Steps of a version that does not serve yet are applied when it does.
    const state = migrateScript(cloud, current, {
      migrations: options.isDeployed ? migrations : undefined,
      exported: listClasses(namedHandlers),
      bound: listBoundClasses(draft.bindings, name),
    });
    const version: Version = {
      ...draft,
      modules: upload.modules.map((module): StoredModule => {
        const { name: path, contentType, type, contents } = module;
        return {
          name: path,
          contentType,
          type,
          hash: store.keepBytes(contents),
        };
      }),
      handlers,
      namedHandlers,
      startupTimeMs: startupTime,
      hasPendingMigrations: !options.isDeployed && migrations !== undefined,
    };
    const script: Script = {
      // A version that does not serve changes nothing of the Worker.
      ...(options.isDeployed ? applySettings(current, upload.metadata, options) : current),
      port,
      ...state,
      newestVersion: version.number,
      modifiedOn: version.createdOn,
    };
    records.scripts.put(script);
    records.versions.put(version);
    if (options.isDeployed) {
      deploy(cloud, script, [{ version_id: version.id, percentage: 100 }], {
        source: options.source,
        annotations: { "workers/triggered_by": options.trigger },
      });
    }
    forgetOldVersions(cloud, script);
    return { script, version };
  });
  if (options.isDeployed) {
    cloud.reload();
    cloud.tellDeployed(released.script);
  }
  return released;
}

/**
 * A new version that differs from the newest in its bindings, settings or code only, and serves unless
 * `isDeployed` is false.
 * @throws ApiError 10215 if it is to serve and the newest version does not serve: it would be deployed unseen.
 */
export function releaseChange(
  cloud: Cloud,
  { account, name }: Script,
  change: (metadata: Metadata) => Metadata,
  cause: Pick<ReleaseOptions, "source" | "trigger"> & Partial<Pick<ReleaseOptions, "isDeployed">>,
  modules?: Upload["modules"],
): Promise<Release> {
  return cloud.locks.run(`${account}/${name}`, async () => {
    // Only now: what is changed is what the call before has left.
    const script = cloud.findScript(account, name);
    const version = script && cloud.newestVersion(script);
    if (script === undefined || version === undefined) {
      throw fail(404, 10007, "This Worker does not exist on your account.");
    }
    const { isDeployed = true } = cause;
    if (isDeployed && cloud.servingVersion(script)?.id !== version.id) {
      throw fail(
        400,
        10215,
        "Secret edit failed. You attempted to modify a secret or setting, but the latest version of your Worker isn't currently deployed. Deploy it first.",
      );
    }
    return releaseAlone(
      cloud,
      account,
      name,
      {
        modules: modules ?? cloud.readModules(version),
        metadata: change(toMetadata(script, version)),
      },
      { ...cause, isDeployed, allowsMigrations: false },
    );
  });
}

/** The metadata that would upload a version again. */
function toMetadata(script: Script, version: Version): Metadata {
  return {
    main_module: version.modules[0]?.name,
    bindings: [...version.bindings],
    keep_bindings: [],
    compatibility_date: version.compatibilityDate || undefined,
    compatibility_flags: [...version.compatibilityFlags],
    limits: version.limits,
    placement: version.placement,
    observability: script.observability,
    logpush: script.logpush,
    tail_consumers: script.tailConsumers === null ? null : [...script.tailConsumers],
    tags: [...script.tags],
    usage_model: version.usageModel,
  };
}

/** Members of a version that are known only after it was started. */
type Learnt = "modules" | "handlers" | "namedHandlers" | "startupTimeMs" | "hasPendingMigrations";

function prepare(
  cloud: Cloud,
  account: string,
  name: string,
  { modules, metadata, inheritsStrictly = false }: Upload,
  { source, trigger, allowsMigrations }: ReleaseOptions,
) {
  const { records, plan } = cloud;
  const existing = cloud.findScript(account, name);
  if (existing === undefined) refuseTooMany(cloud, account);
  const before = existing && cloud.newestVersion(existing);
  const bindings = resolveBindings(metadata, {
    before,
    findVersion: (id) => existing && cloud.listVersions(existing).find((each) => each.id === id),
    isStrict: inheritsStrictly,
  });
  checkBindingForms(bindings, plan);
  checkTargets(bindings, records, account, name);
  const { migrations } = metadata;
  if (migrations != null && !allowsMigrations) {
    throw fail(
      400,
      10211,
      "Version upload failed. You attempted to upload a version of a Worker that includes a Durable Object migration, but migrations must be fully applied via a non-versioned deployment.",
    );
  }
  const createdOn = now();
  const script = existing ?? createScript(account, name, createdOn);
  const version: Omit<Version, Learnt> = {
    id: randomUUID(),
    script: script.tag,
    number: script.newestVersion + 1,
    createdOn,
    source,
    annotations: { "workers/triggered_by": trigger, ...metadata.annotations },
    compatibilityDate: metadata.compatibility_date ?? "",
    compatibilityFlags: metadata.compatibility_flags ?? [],
    bindings,
    limits: metadata.limits ?? undefined,
    placement: metadata.placement ?? {},
    usageModel: metadata.usage_model ?? "standard",
    migrations: migrations ?? undefined,
    etag: hashModules(modules),
  };
  return { script, version, migrations: migrations ?? undefined };
}

/** @throws ApiError 10037 if the account has as many Workers as its plan allows. */
export function refuseTooMany({ records, plan }: Cloud, account: string): void {
  const count = records.scripts.list((each) => each.account === account).length;
  if (count >= plan.workers) throw refuseWorkers(plan);
}

export function createScript(account: string, name: string, createdOn: string): Script {
  return {
    account,
    name,
    tag: makeHexId(),
    createdOn,
    modifiedOn: createdOn,
    migrationTag: noObjects.tag,
    classes: noObjects.classes,
    schedules: [],
    subdomain: { enabled: false, previewsEnabled: false },
    logpush: false,
    tags: [],
    tailConsumers: null,
    observability: undefined,
    lastDeployedFrom: "api",
    port: 0,
    newestVersion: 0,
  };
}

/** Settings that belong to the Worker and not to a version. What an upload does not name goes back to its default. */
function applySettings(script: Script, metadata: Metadata, { source }: ReleaseOptions): Script {
  return {
    ...script,
    logpush: metadata.logpush ?? false,
    tags: metadata.tags ?? script.tags,
    tailConsumers: metadata.tail_consumers ?? null,
    observability: metadata.observability ?? undefined,
    lastDeployedFrom: source,
  };
}

function forgetOldVersions(cloud: Cloud, script: Script): void {
  const serving = new Set(
    cloud.records.deployments
      .list((each) => each.script === script.tag)
      .slice(-keptVersions)
      .flatMap(({ versions }) => versions.map(({ version_id }) => version_id)),
  );
  const old = cloud.records.versions
    .list((each) => each.script === script.tag && !serving.has(each.id))
    .slice(0, -keptVersions);
  for (const version of old) cloud.records.versions.delete(version);
}

/** The same for the same code. */
function hashModules(modules: Upload["modules"]): string {
  const hash = createHash("sha256");
  for (const { contents } of modules) hash.update(contents);
  return hash.digest("hex");
}
