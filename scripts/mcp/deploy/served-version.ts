import type { Cloudflare } from "cloudflare";
import * as z from "zod";
import type { Asker } from "../../../infra/ask-cloudflare.ts";
import {
  type DeployedBinding,
  deployedBindings,
  type Module,
  readModules,
  readServingVersion,
  readWorkerSettings,
} from "../../../infra/deployed-worker.ts";
import { readAnnotation } from "../../../infra/version.ts";
import { waitSeconds } from "../stack/settling.ts";
import type { Prepared } from "./prepare.ts";

const storedVersion = z.object({
  bindings: deployedBindings,
  modules: z.array(z.object({ name: z.string(), content_base64: z.string() })).nullish(),
});

/** A version of a Worker, with its code, as Cloudflare keeps it. */
export interface ServedVersion {
  readonly id: string;
  /** Its code. The first module is the main one. */
  readonly modules: readonly Module[];
  readonly bindings: readonly DeployedBinding[];
  /** Where it says it comes from, as `0.1.0 4f2c…`. */
  readonly source: string | undefined;
}

/** Which Worker is meant, and who asks. */
export interface WorkerParts {
  readonly asker: Asker;
  readonly accountId: string;
  readonly scriptName: string;
}

/** Id of the version that serves; undefined if there is no such Worker. @throws UserError as `ask`. */
export function findServingVersion(parts: WorkerParts): Promise<string | undefined> {
  const { asker, accountId, scriptName } = parts;
  return asker.look("scripts", (client) => readServingVersion(client, accountId, scriptName));
}

/**
 * The version that serves, with its code and bindings; undefined if there is no such Worker.
 * @throws UserError as `ask`.
 */
export function fetchServing(parts: WorkerParts): Promise<ServedVersion | undefined> {
  const { asker, accountId: account_id, scriptName } = parts;
  return asker.look("scripts", async (client) => {
    const id = await readServingVersion(client, account_id, scriptName);
    if (id === undefined) return undefined;
    const [modules, { bindings }, version] = await Promise.all([
      readModules(client, account_id, scriptName),
      readWorkerSettings(client, account_id, scriptName),
      client.workers.scripts.versions.get(id, { account_id, script_name: scriptName }),
    ]);
    return {
      id,
      modules,
      bindings,
      source: readAnnotation(version, "workers/tag"),
    };
  });
}

/**
 * A version that served before, with its code; undefined if Cloudflare keeps it no more.
 * @throws UserError as `ask`.
 */
export function fetchVersion(parts: WorkerParts, id: string): Promise<ServedVersion | undefined> {
  const { asker, accountId: account_id, scriptName } = parts;
  return asker.look("scripts", async (client: Cloudflare) => {
    const found = await client.workers.beta.workers.versions.get(id, {
      account_id,
      worker_id: scriptName,
      include: "modules",
    });
    const { modules, bindings } = storedVersion.parse(found);
    if (!modules || modules.length === 0) return undefined;
    return {
      id,
      modules: modules.map(({ name, content_base64 }) => ({
        name,
        code: Buffer.from(content_base64, "base64"),
      })),
      bindings,
      source: readAnnotation(found, "workers/tag"),
    };
  });
}

/** Looks, a second apart, before an answer is taken as it is. */
const mostLooks = 10;

/**
 * The version that serves after this run's deployment: what a way back may take away again.
 * @param replaced the version that served before. A list of Cloudflare's may be that of a moment ago, and
 * name it still.
 * @throws UserError if Cloudflare cannot be asked.
 */
export async function findDeployed(
  { worker, uploads }: Pick<Prepared, "worker" | "uploads">,
  replaced: string | undefined,
): Promise<string | undefined> {
  let found = await findServingVersion(worker);
  for (let look = 1; uploads && look < mostLooks && found === replaced; look += 1) {
    await waitSeconds(1);
    found = await findServingVersion(worker);
  }
  return found;
}
