import * as z from "zod";
import { isSameSecret } from "../../constant-time.ts";
import { digest } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";

const digests = z.record(z.string(), z.array(z.string()));

/** SHA-256, in hex, of each current secret of a machine client: at most two, during a change. */
export function listDigests({ MACHINE_SECRETS }: WorkerEnv, name: string): readonly string[] {
  if (MACHINE_SECRETS === undefined) return [];
  const all = digests.parse(JSON.parse(MACHINE_SECRETS));
  return Object.hasOwn(all, name) ? (all[name] ?? []) : [];
}

/**
 * Which secret of a machine client this is.
 * @param name of a client, which may not exist.
 * @returns its digest; undefined if it is none of the client's.
 */
export async function findSecret(
  env: WorkerEnv,
  name: string,
  secret: string,
): Promise<string | undefined> {
  const given = await digest(secret);
  for (const known of listDigests(env, name)) {
    if (await isSameSecret(given, known)) return known;
  }
  return undefined;
}
