import * as z from "zod";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import type { GrantMetadata } from "../clients/client-facts.ts";
import { toDay } from "../clients/client-facts.ts";
import { toEndedKey } from "../gate/ended-outside.ts";
import { findGate } from "../gate/gates.ts";
import type { GrantName } from "../revoke.ts";
import { companyGrantPrefix, toCompanyGrantId } from "./grant-id.ts";

/** KV key of a grant, as the OAuth library has it. */
export function toGrantKey({ userId, grantId }: GrantName): string {
  return `grant:${userId}:${grantId}`;
}

/** What is kept of such a grant, in the OAuth library's form, so that it is listed and ended as any other. */
const grantRecord = z.looseObject({
  scope: z.array(z.string()),
  resource: z.array(z.string()),
  /** Seconds since the epoch. */
  createdAt: z.number(),
  expiresAt: z.number(),
  metadata: z.looseObject({ clientName: z.string(), lastUsed: z.string().optional() }),
});

/** When a grant began, in seconds since the epoch. @throws ZodError for what another version wrote. */
export function readGrantStart(record: string): number {
  return grantRecord.parse(JSON.parse(record)).createdAt;
}

/** What is known of a grant when its client gets a token. */
export interface CompanyGrant extends GrantName {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  readonly metadata: Omit<GrantMetadata, "lastUsed">;
  /** Seconds since the epoch until which it is kept without use. */
  readonly expiresAt: number;
  /** Seconds since the epoch at which the token ends that is given now: its grant lasts as long. */
  readonly tokenExpiresAt: number;
}

/**
 * The record of a grant after its client got a token.
 * @param kept the record of before.
 * @returns undefined where that says it all: nothing but the hour has changed.
 */
export function renewRecord(
  {
    userId,
    grantId,
    clientId,
    scopes,
    resource,
    metadata,
    expiresAt,
    tokenExpiresAt,
  }: CompanyGrant,
  kept: string | null,
  now = Date.now(),
): string | undefined {
  const before = kept === null ? undefined : grantRecord.parse(JSON.parse(kept));
  const resources = [...new Set([...(before?.resource ?? []), resource])];
  const isSame =
    before !== undefined &&
    before.expiresAt >= tokenExpiresAt &&
    before.metadata.lastUsed === toDay(now) &&
    before.metadata.clientName === metadata.clientName &&
    before.scope.join(" ") === scopes.join(" ") &&
    resources.length === before.resource.length;
  if (isSame) return undefined;
  return JSON.stringify({
    id: grantId,
    userId,
    clientId,
    scope: scopes,
    resource: resources,
    metadata,
    // The person travels in the token; nothing here is secret.
    encryptedProps: "",
    createdAt: before?.createdAt ?? Math.floor(now / 1000),
    expiresAt,
  });
}

/**
 * Keeps a grant ended that a person ends: their company's next assertion would bring it back. The note is the
 * one that an operator leaves.
 */
export async function blockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.put(toEndedKey(grant), "person");
}

/** Takes a block back. The client gets a token again within a minute, as Workers KV forgets it. */
export async function unblockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.delete(toEndedKey(grant));
  await findGate(env, grant).readmit(grant);
}

/** What a person ended for good. */
export interface BlockedGrant {
  readonly grantId: string;
  readonly clientId: string;
}

/** What a person ended, or an operator for them, and no assertion brings back. Nothing is read without companies. */
export async function listBlocked(
  { OAUTH_KV }: Pick<WorkerEnv, "OAUTH_KV">,
  { enterprise = [] }: Pick<WorkerSettings, "enterprise">,
  userId: string,
): Promise<BlockedGrant[]> {
  if (enterprise.length === 0) return [];
  const { keys } = await OAUTH_KV.list({
    prefix: toEndedKey({ userId, grantId: companyGrantPrefix }),
  });
  const ended = new Set(keys.map(({ name }) => name));
  const clientIds = new Set(enterprise.flatMap((issuer) => issuer.clientIds));
  const all = await Promise.all(
    [...clientIds].map(async (clientId) => ({
      clientId,
      grantId: await toCompanyGrantId(clientId),
    })),
  );
  return all.filter(({ grantId }) => ended.has(toEndedKey({ userId, grantId })));
}
