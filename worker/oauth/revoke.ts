import type { WorkerEnv } from "../env.ts";
import { isCompanyGrant } from "./company/grant-id.ts";
import { blockGrant } from "./company/keep-ended.ts";
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
