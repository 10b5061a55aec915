import type { Asker } from "../../../infra/ask-cloudflare.ts";
import {
  readModules,
  readServingVersion,
  readStoredVersion,
  readVersionNotes,
  readWorkerSettings,
  type StoredVersion,
} from "../../../infra/deployed-worker.ts";
import { waitSeconds } from "../stack/settling.ts";
import type { Prepared } from "./prepare.ts";

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
export function fetchServing(parts: WorkerParts): Promise<StoredVersion | undefined> {
  const { asker, accountId, scriptName } = parts;
  return asker.look("scripts", async (client) => {
    const id = await readServingVersion(client, accountId, scriptName);
    if (id === undefined) return undefined;
    const [modules, { bindings }, notes] = await Promise.all([
      readModules(client, accountId, scriptName),
      readWorkerSettings(client, accountId, scriptName),
      readVersionNotes(client, accountId, scriptName, id),
    ]);
    return { ...notes, modules, bindings };
  });
}

/**
 * A version that served before, with its code; undefined if Cloudflare keeps it no more.
 * @throws UserError as `ask`.
 */
export function fetchVersion(parts: WorkerParts, id: string): Promise<StoredVersion | undefined> {
  const { asker, accountId, scriptName } = parts;
  return asker.look("scripts", (client) => readStoredVersion(client, accountId, scriptName, id));
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
