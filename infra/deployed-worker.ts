import { createHash } from "node:crypto";
import * as z from "zod";
import type { CloudflareClient } from "./cloudflare-sdk.ts";

/**
 * The one reader of Workers that are deployed: what the program, `drift`, `adopt` and `deploy` need of one, each
 * part for itself, in a form that is checked. Every function throws the SDK's errors, NotFoundError if there
 * is no such Worker among them; `createAsker` words them.
 */

export interface ListedWorker {
  readonly name: string;
  /** Durable Object tag of its last migration. */
  readonly migrationTag: string | undefined;
  /** False for the older service-worker syntax. */
  readonly hasModules: boolean;
  readonly hasAssets: boolean;
}

/** Every Worker of an account. A list never fails for one that does not exist yet. */
export async function listWorkers(
  client: CloudflareClient,
  accountId: string,
): Promise<ListedWorker[]> {
  const workers: ListedWorker[] = [];
  for await (const script of client.workers.scripts.list({ account_id: accountId })) {
    if (script.id === undefined) continue;
    workers.push({
      name: script.id,
      migrationTag: script.migration_tag || undefined,
      hasModules: script.has_modules !== false,
      hasAssets: script.has_assets === true,
    });
  }
  return workers;
}

export const deployedBinding = z.looseObject({
  name: z.string(),
  type: z.string(),
  json: z.unknown().optional(),
  namespace_id: z.string().nullish(),
  class_name: z.string().nullish(),
  script_name: z.string().nullish(),
});

/** Bindings of a deployed Worker, or of a version of one. Cloudflare shows no values of secrets. */
export const deployedBindings = z
  .array(deployedBinding)
  .nullish()
  .transform((bindings) => bindings ?? []);

export type DeployedBinding = z.infer<typeof deployedBinding>;

const workerSettings = z.looseObject({
  bindings: deployedBindings,
  compatibility_date: z.string().nullish(),
  compatibility_flags: z
    .array(z.string())
    .nullish()
    .transform((flags) => flags ?? []),
  observability: z
    .looseObject({
      enabled: z.boolean().nullish(),
      head_sampling_rate: z.number().nullish(),
      logs: z.looseObject({ invocation_logs: z.boolean().nullish() }).nullish(),
    })
    .nullish(),
  tail_consumers: z.array(z.looseObject({ service: z.string() })).nullish(),
  logpush: z.boolean().nullish(),
});

/** Bindings and settings of a deployed Worker, in the API's own words. */
export type DeployedSettings = z.infer<typeof workerSettings>;

export async function readWorkerSettings(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<DeployedSettings> {
  const { scriptAndVersionSettings } = client.workers.scripts;
  return workerSettings.parse(
    await scriptAndVersionSettings.get(scriptName, { account_id: accountId }),
  );
}

/** Reads a Worker's own triggers: cron schedules, and the workers.dev address. */
export async function readTriggers(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<{ crons: string[]; workersDev: boolean; previewUrls: boolean }> {
  const { schedules, subdomain } = client.workers.scripts;
  const [crons, address] = await Promise.all([
    schedules.get(scriptName, { account_id: accountId }),
    subdomain.get(scriptName, { account_id: accountId }),
  ]);
  return {
    crons: crons.schedules.map(({ cron }) => cron),
    workersDev: address.enabled,
    previewUrls: address.previews_enabled,
  };
}

export interface ObjectClass {
  /** Id of the namespace that holds its objects. */
  readonly id: string;
  readonly name: string;
}

/** The Durable Object classes of a deployed Worker; none if there is no such Worker. */
export async function listClasses(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<ObjectClass[]> {
  const classes: ObjectClass[] = [];
  // A list of the whole account's: Cloudflare has none for a Worker.
  for await (const namespace of client.durableObjects.namespaces.list({ account_id: accountId })) {
    const { id = "", class: name, script } = namespace;
    if (script === scriptName && name) classes.push({ id, name });
  }
  return classes;
}

const deploymentList = z.object({
  result: z.object({
    deployments: z.array(z.object({ versions: z.array(z.object({ version_id: z.string() })) })),
  }),
});

/**
 * Id of the version of a Worker that serves; undefined if none was deployed.
 * @throws the SDK's NotFoundError if there is no such Worker.
 */
export async function readServingVersion(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<string | undefined> {
  // The SDK's own list looks for them in another place.
  const path = `/accounts/${accountId}/workers/scripts/${scriptName}/deployments`;
  const [newest] = deploymentList.parse(await client.get(path)).result.deployments;
  return newest?.versions[0]?.version_id;
}

/** What a version of a Worker says of itself. */
export interface VersionNotes {
  readonly id: string;
  /** Its message, as `createAnnotations` writes it. */
  readonly message: string | undefined;
  /** Where its code comes from, as `0.1.0 4f2c…`. */
  readonly source: string | undefined;
}

/** With its annotations, which the SDK leaves out of the type. */
const version = z
  .looseObject({ id: z.string(), annotations: z.record(z.string(), z.unknown()).nullish() })
  .transform(({ id, annotations }): VersionNotes => {
    const read = (name: string) => {
      const value = annotations?.[name];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    return { id, message: read("workers/message"), source: read("workers/tag") };
  });

/** The newest versions of a Worker, the newest first; 100 at most. */
export async function listVersions(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<VersionNotes[]> {
  const { versions } = client.workers.scripts;
  const page = await versions.list(scriptName, { account_id: accountId, per_page: 100 });
  return z.array(version).parse(page.getPaginatedItems());
}

/** What one version of a Worker says of itself. */
export async function readVersionNotes(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
  id: string,
): Promise<VersionNotes> {
  const { versions } = client.workers.scripts;
  return version.parse(await versions.get(id, { account_id: accountId, script_name: scriptName }));
}

const storedVersion = z.object({
  bindings: deployedBindings,
  modules: z.array(z.object({ name: z.string(), content_base64: z.string() })).nullish(),
});

/** A version of a Worker, with its code. */
export interface StoredVersion extends VersionNotes {
  /** The first module is the main one. */
  readonly modules: readonly Module[];
  readonly bindings: readonly DeployedBinding[];
}

/** A version of a Worker as Cloudflare keeps it; undefined if it no longer keeps the code. */
export async function readStoredVersion(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
  id: string,
): Promise<StoredVersion | undefined> {
  const found = await client.workers.beta.workers.versions.get(id, {
    account_id: accountId,
    worker_id: scriptName,
    include: "modules",
  });
  const { modules, bindings } = storedVersion.parse(found);
  if (!modules || modules.length === 0) return undefined;
  return {
    ...version.parse(found),
    modules: modules.map(({ name, content_base64 }) => ({
      name,
      code: Buffer.from(content_base64, "base64"),
    })),
    bindings,
  };
}

export interface Module {
  readonly name: string;
  readonly code: Buffer;
}

/** Reads a Worker's code. The first module is the main one. @throws TypeError if the answer is cut off. */
export async function readModules(
  client: CloudflareClient,
  accountId: string,
  scriptName: string,
): Promise<Module[]> {
  return splitModules(
    await client.workers.scripts.content.get(scriptName, { account_id: accountId }),
  );
}

/** SHA-256 of the main module, in hex: what the program knows its bundle by. */
export function hashMainModule([main]: readonly Module[]): string {
  return createHash("sha256")
    .update(main?.code ?? "")
    .digest("hex");
}

/**
 * Splits the answer that gives a Worker's code: a form with a part for each module, or the only module as
 * it is. The first of the list is the main one, which the answer names; else it is the first part.
 * @throws TypeError if the answer is cut off.
 */
export async function splitModules(response: Response): Promise<Module[]> {
  const type = response.headers.get("content-type") ?? "";
  if (!type.startsWith("multipart/")) {
    return [{ name: "worker.js", code: Buffer.from(await response.arrayBuffer()) }];
  }
  const modules: Module[] = [];
  for (const [name, part] of await response.formData()) {
    const code =
      typeof part === "string" ? Buffer.from(part) : Buffer.from(await part.arrayBuffer());
    modules.push({ name, code });
  }
  const main = response.headers.get("cf-entrypoint");
  return modules.toSorted((one, other) => Number(other.name === main) - Number(one.name === main));
}
