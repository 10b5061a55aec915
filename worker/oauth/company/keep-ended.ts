/**
 * Keeps grants of companies ended that a person or an operator ended. This file is part of every Worker, also of one
 * whose stack no longer has a company: a company that comes back finds what was ended meanwhile.
 */
import type { WorkerEnv } from "../../env.ts";
import { toEndedKey } from "../gate/ended-outside.ts";
import type { GrantName } from "../revoke.ts";

/**
 * Keeps a grant ended: the company's next assertion would bring it back. The note is the same that an operator
 * leaves.
 */
export async function blockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.put(toEndedKey(grant), "person");
}
