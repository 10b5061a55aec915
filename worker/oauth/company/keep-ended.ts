/**
 * What a person or an operator ended of a company's grants stays so. It stays in a Worker whose stack has no company
 * any more: one that comes back finds what was ended meanwhile.
 */
import type { WorkerEnv } from "../../env.ts";
import { toEndedKey } from "../gate/ended-outside.ts";
import type { GrantName } from "../revoke.ts";

/**
 * Keeps a grant ended that a person ends: their company's next assertion would bring it back. The note is the
 * one that an operator leaves.
 */
export async function blockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.put(toEndedKey(grant), "person");
}
