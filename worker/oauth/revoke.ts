import type { WorkerEnv } from "../env.ts";
import { isCompanyGrant } from "./company/grant-id.ts";
import { toEndedKey } from "./gate/ended-outside.ts";
import { findGate } from "./gate/gates.ts";
import { findRecords } from "./gate/token-records.ts";

export interface GrantName {
  readonly userId: string;
  readonly grantId: string;
}

/**
 * Ends a grant with all its tokens and sessions, in its gate: after a refresh that may be on its
 * way. Refreshing ends at once; access ends when Workers KV forgets the tokens, or at once
 * with `strictRevocation`. Ending one twice is no error. One that a company allowed is also blocked, or its
 * next assertion would bring it back.
 */
export async function revokeGrant(env: WorkerEnv, { userId, grantId }: GrantName): Promise<void> {
  // First: a new assertion between the two would bring it back.
  if (isCompanyGrant(grantId)) await blockGrant(env, { userId, grantId });
  try {
    await findGate(env, { userId, grantId }).revoke({ userId, grantId }, false);
  } finally {
    findRecords(env).forget({ userId, grantId });
  }
}

/**
 * Keeps a grant ended: the company's next assertion would bring it back. The note is the same that an operator
 * leaves. It is part of every Worker, also of one whose stack no longer has a company: a company that comes back
 * finds what was ended meanwhile.
 */
async function blockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.put(toEndedKey(grant), "person");
}
