import type { WorkerEnv } from "../../env.ts";
import type { GrantName } from "../revoke.ts";
import { findGate } from "./gates.ts";

/** The part of a grant's record that says which one a new grant replaces. */
interface GrantRecord {
  readonly clientId: string;
  /** Whole seconds. */
  readonly createdAt: number;
  /** Present until the grant's code is redeemed. */
  readonly authCodeWrappedKey?: string;
  readonly resource?: unknown;
}

/**
 * Ends the older grants that a new one replaces: of the same person, client and endpoint, if the
 * client registered itself, so that its id means one installation. The id of a client with a metadata
 * document, or of a pre-registered one, means every machine it runs on, and none of these signs out another.
 * Only when the new one's code was redeemed: a client that gave up half-way still has the older.
 * @param env whose KV namespace is as the new grant's gate sees it.
 */
export async function endOlderGrants(
  env: WorkerEnv,
  { userId, grantId }: GrantName,
): Promise<void> {
  const prefix = `grant:${userId}:`;
  const fresh = await env.OAUTH_KV.get<GrantRecord>(`${prefix}${grantId}`, "json");
  if (fresh === null) return;
  // Asked for with the first grant that may be older: most people have none.
  let isOne: Promise<boolean> | undefined;
  let cursor: string | undefined;
  do {
    const page = await env.OAUTH_KV.list<{ clientId?: string }>({ prefix, cursor: cursor ?? null });
    for (const { name, metadata } of page.keys) {
      const old = { userId, grantId: name.slice(prefix.length) };
      if (old.grantId === grantId) continue;
      // The library writes the client into the key's metadata, which saves a read of each grant.
      if (metadata?.clientId !== undefined && metadata.clientId !== fresh.clientId) continue;
      isOne ??= isOneInstallation(env, fresh.clientId);
      if (!(await isOne)) return;
      const grant = await env.OAUTH_KV.get<GrantRecord>(name, "json");
      const isOlder =
        grant?.clientId === fresh.clientId &&
        grant.resource === fresh.resource &&
        isBefore(grant, fresh);
      if (isOlder) await findGate(env, old).revoke(old, true);
    }
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
}

/** Of two that were made in the same second, the one whose code was redeemed first is the older. */
function isBefore(grant: GrantRecord, fresh: GrantRecord): boolean {
  if (grant.createdAt !== fresh.createdAt) return grant.createdAt < fresh.createdAt;
  return grant.authCodeWrappedKey === undefined;
}

async function isOneInstallation(env: WorkerEnv, clientId: string): Promise<boolean> {
  const { preRegistered } = env.SETTINGS.clients;
  if (URL.canParse(clientId)) return false;
  if (preRegistered.some((client) => client.clientId === clientId)) return false;
  // Only a registration expires; a client that an operator made does not.
  const client = await env.OAUTH_KV.get<{ registrationExpiresAt?: number }>(
    `client:${clientId}`,
    "json",
  );
  return client?.registrationExpiresAt !== undefined;
}
