import * as z from "zod";
import { fail } from "../api-error.ts";
import { now } from "../identifiers.ts";
import { mergePatch } from "../merge-patch.ts";
import { uploadLimit } from "../read-body.ts";
import type { Binding, Script, Version } from "../records.ts";
import { createScript, refuseTooMany, release, releaseChange } from "../releases.ts";
import { answer, answerPage, type Call, createRoutes } from "../route.ts";
import {
  checkMetadata,
  type Metadata,
  putMainFirst,
  toModule,
  type UploadedModule,
} from "../upload.ts";
import { readSource, showBindings } from "./script-views.ts";
import { refuseName, refuseReferenced } from "./scripts.ts";

const object = z.record(z.string(), z.unknown());
const subdomain = z.object({ enabled: z.boolean(), previews_enabled: z.boolean().optional() });
const worker = z.object({
  name: z.string(),
  logpush: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  tail_consumers: z.array(object).nullish(),
  observability: object.nullish(),
  subdomain: subdomain.partial().nullish(),
});
const version = z.looseObject({
  main_module: z.string().optional(),
  modules: z
    .array(z.object({ name: z.string(), content_type: z.string(), content_base64: z.base64() }))
    .default([]),
});

const versionPatch = z.object({
  env: z.record(z.string(), object.nullable()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
});

/** Workers, versions and deployments as objects of their own (beta API). A Worker is named by id or name. */
export const workerBetaRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/workers",
  [
    ["GET", "", listWorkers],
    ["POST", "", createWorker],
    ["GET", "/:worker", (call) => answer(showWorker(call, findWorker(call)))],
    ["PUT", "/:worker", putWorker],
    ["PATCH", "/:worker", patchWorker],
    ["DELETE", "/:worker", deleteWorker],
    ["GET", "/:worker/versions", listVersions],
    ["POST", "/:worker/versions", createVersion, { bodyLimit: uploadLimit }],
    [
      "GET",
      "/:worker/versions/:version",
      (call) => {
        const found = findWorker(call);
        return answer(showVersion(call, found, findVersion(call, found)));
      },
    ],
    ["PATCH", "/:worker/versions/latest", patchLatest],
    ["DELETE", "/:worker/versions/:version", deleteVersion],
  ],
);

function listWorkers(call: Call) {
  const all = call.cloud.records.scripts.list((each) => each.account === call.account.id);
  return answerPage(
    all.map((script) => showWorker(call, script)),
    call.query,
  );
}

async function createWorker(call: Call) {
  const sent = await call.json(worker);
  const { cloud, account } = call;
  refuseName(sent.name);
  refuseTakenName(call, sent.name);
  refuseTooMany(cloud, account.id);
  const port = await cloud.ports.assign(account.id, sent.name);
  return cloud.store.change(() => {
    // Another call may have come first while the port was found.
    refuseTakenName(call, sent.name);
    refuseTooMany(cloud, account.id);
    const script = { ...createScript(account.id, sent.name, now()), port };
    return answer(showWorker(call, cloud.records.scripts.put(apply(script, sent))));
  });
}

async function putWorker(call: Call) {
  const sent = await call.json(worker);
  const found = findWorker(call);
  return answer(showWorker(call, await save(call, found, { ...defaults, ...sent })));
}

async function patchWorker(call: Call) {
  const sent = await call.json(worker.partial());
  const found = findWorker(call);
  const named = { ...sent, name: sent.name ?? found.name };
  return answer(showWorker(call, await save(call, found, named)));
}

const defaults = { logpush: false, tags: [], tail_consumers: null, observability: null };

/** A new name moves routes and domains along. It has a port of its own. */
async function save(call: Call, found: Script, sent: z.infer<typeof worker>): Promise<Script> {
  const { cloud, account } = call;
  if (sent.name !== found.name) {
    refuseName(sent.name);
    refuseTakenName(call, sent.name);
  }
  const port = await cloud.ports.assign(account.id, sent.name);
  return cloud.store.change(() => {
    const { domains, routes, zones } = cloud.records;
    for (const domain of domains.list((each) => each.service === found.name)) {
      if (domain.account === account.id) domains.put({ ...domain, service: sent.name });
    }
    for (const route of routes.list(({ script }) => script === found.name)) {
      const isOwn = zones.get(route.zone)?.account === account.id;
      if (isOwn) routes.put({ ...route, script: sent.name });
    }
    return cloud.records.scripts.put({ ...apply(found, sent), port });
  });
}

function apply(script: Script, sent: z.infer<typeof worker>): Script {
  return {
    ...script,
    name: sent.name,
    modifiedOn: now(),
    ...(sent.logpush !== undefined && { logpush: sent.logpush ?? false }),
    ...(sent.tags !== undefined && { tags: sent.tags ?? [] }),
    ...(sent.tail_consumers !== undefined && { tailConsumers: sent.tail_consumers }),
    ...(sent.observability !== undefined && { observability: sent.observability ?? undefined }),
    ...(sent.subdomain != null && {
      subdomain: {
        enabled: sent.subdomain.enabled ?? script.subdomain.enabled,
        previewsEnabled: sent.subdomain.previews_enabled ?? script.subdomain.previewsEnabled,
      },
    }),
  };
}

function deleteWorker(call: Call) {
  const { cloud, account } = call;
  const { name } = findWorker(call);
  return cloud.locks.run(`${account.id}/${name}`, async () => {
    const script = findWorker(call);
    if (call.query.get("force") !== "true") refuseReferenced(call, script);
    cloud.store.change(() => cloud.removeScript(script));
    cloud.reload();
    return answer(null);
  });
}

function listVersions(call: Call) {
  const script = findWorker(call);
  const all = call.cloud.listVersions(script);
  return answerPage(
    all.map((each) => showVersion(call, script, each)),
    call.query,
  );
}

/** Code as base64 in JSON. With `deploy=true` it serves at once and may carry Durable Object steps. */
async function createVersion(call: Call) {
  const sent = await call.json(version);
  const { cloud, account, query } = call;
  const { name } = findWorker(call);
  const metadata = checkMetadata(sent);
  const modules = sent.modules
    .map(({ name: moduleName, content_type, content_base64 }) =>
      toModule(moduleName, content_type, new Uint8Array(Buffer.from(content_base64, "base64"))),
    )
    .filter((module): module is UploadedModule => module !== undefined);
  const isDeployed = query.get("deploy") === "true";
  const released = await release(
    cloud,
    account.id,
    name,
    { modules: putMainFirst(modules, metadata), metadata },
    { source: readSource(call), trigger: "version_upload", isDeployed, allowsMigrations: true },
  );
  return answer(showVersion(call, released.script, released.version));
}

/** A version like the newest with other bindings, which does not serve yet: a JSON merge patch (RFC 7396). */
async function patchLatest(call: Call) {
  const { env, annotations } = await call.json(versionPatch);
  const found = findWorker(call);
  const { script, version: made } = await releaseChange(
    call.cloud,
    found,
    (metadata): Metadata => {
      const bindings = new Map(metadata.bindings.map((binding) => [binding.name, binding]));
      for (const [name, patch] of Object.entries(env ?? {})) {
        if (patch === null) bindings.delete(name);
        else bindings.set(name, patchBinding(name, bindings.get(name), patch));
      }
      return { ...metadata, bindings: [...bindings.values()], annotations };
    },
    { source: readSource(call), trigger: "version_upload", isDeployed: false },
  );
  return answer(showVersion(call, script, made));
}

function patchBinding(name: string, found: Binding | undefined, patch: object): Binding {
  const patched = mergePatch(found, patch) as Binding;
  if (typeof patched.type === "string") return { ...patched, name };
  throw fail(400, 10021, `env.${name}: a binding has a type. Name it.`);
}

function deleteVersion(call: Call) {
  const script = findWorker(call);
  const found = findVersion(call, script);
  if (call.cloud.servingVersion(script)?.id === found.id) {
    throw fail(400, 10013, "The version that serves cannot be deleted.");
  }
  call.cloud.records.versions.delete(found);
  return answer(null);
}

function findWorker({ cloud, account, params }: Call): Script {
  const found = cloud.records.scripts
    .list((each) => each.account === account.id)
    .find(({ tag, name }) => tag === params.worker || name === params.worker);
  if (found !== undefined) return found;
  throw fail(404, 10007, "This Worker does not exist on your account.");
}

function findVersion({ cloud, params }: Call, script: Script): Version {
  const found = cloud.records.versions.get(params.version ?? "");
  if (found?.script === script.tag) return found;
  throw fail(404, 10013, "The requested Worker version could not be found.");
}

function refuseTakenName({ cloud, account }: Call, name: string): void {
  if (cloud.findScript(account.id, name) === undefined) return;
  throw fail(409, 10040, `A Worker named '${name}' already exists on this account.`);
}

/** Everything with its default: what is missing, a later refresh of the provider takes for a change. */
function showWorker({ cloud, account }: Call, script: Script) {
  const { observability: sent } = script;
  const part = (value: unknown) => (typeof value === "object" && value !== null ? value : {});
  return {
    id: script.tag,
    name: script.name,
    created_on: script.createdOn,
    updated_on: script.modifiedOn,
    deployed_on: cloud.listDeployments(script).at(0)?.createdOn ?? null,
    logpush: script.logpush,
    tags: script.tags,
    tail_consumers: script.tailConsumers ?? [],
    subdomain: {
      enabled: script.subdomain.enabled,
      previews_enabled: script.subdomain.previewsEnabled,
    },
    observability: {
      enabled: false,
      head_sampling_rate: 1,
      ...sent,
      logs: {
        destinations: [],
        enabled: false,
        head_sampling_rate: 1,
        invocation_logs: true,
        persist: true,
        ...part(sent?.logs),
      },
      traces: {
        destinations: [],
        enabled: false,
        head_sampling_rate: 1,
        persist: true,
        ...part(sent?.traces),
      },
    },
    references: {
      dispatch_namespace_outbounds: [],
      domains: cloud.records.domains
        .list((each) => each.account === account.id && each.service === script.name)
        .map(({ id, hostname, certId, zoneId, zoneName }) => ({
          id,
          hostname,
          certificate_id: certId,
          zone_id: zoneId,
          zone_name: zoneName,
        })),
      durable_objects: [],
      queues: [],
      workers: [],
    },
  };
}

function showVersion({ cloud, query }: Call, script: Script, shown: Version) {
  const [main] = shown.modules;
  const contents = query.get("include") === "modules" ? cloud.readModules(shown) : undefined;
  return {
    id: shown.id,
    number: shown.number,
    source: shown.source,
    created_on: shown.createdOn,
    annotations: shown.annotations,
    bindings: showBindings(script, shown),
    compatibility_date: shown.compatibilityDate,
    compatibility_flags: shown.compatibilityFlags,
    ...(shown.limits !== undefined && { limits: shown.limits }),
    main_module: main?.name,
    ...(script.migrationTag !== undefined && { migration_tag: script.migrationTag }),
    // Without them a refresh of the provider plans a replacement.
    ...(shown.migrations !== undefined && { migrations: shown.migrations }),
    modules: contents?.map(({ name, contentType, contents: bytes }) => ({
      name,
      content_type: contentType,
      content_base64: Buffer.from(bytes).toString("base64"),
    })),
    placement: shown.placement,
    startup_time_ms: shown.startupTimeMs,
    urls: [`http://localhost:${script.port}`],
    usage_model: shown.usageModel,
  };
}
