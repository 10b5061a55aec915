import * as z from "zod";
import type { GrantMetadata } from "../clients/client-facts.ts";
import { toDay } from "../clients/client-facts.ts";
import { isAllowance } from "../gate/ended-outside.ts";
import type { GrantName } from "../revoke.ts";

/** The record of such a grant, in the OAuth library's form, so that it is listed and ended like any other. */
const grantRecord = z.looseObject({
  scope: z.array(z.string()),
  resource: z.array(z.string()),
  /** Seconds since the epoch. */
  createdAt: z.number(),
  expiresAt: z.number(),
  metadata: z.looseObject({ clientName: z.string(), lastUsed: z.string().optional() }),
  /** The note that took an end back, if the grant was made after one. */
  allowance: z.string().optional(),
});

/** When a grant began, in seconds since the epoch. @throws ZodError for what another version wrote. */
export function readGrantStart(record: string): number {
  return grantRecord.parse(JSON.parse(record)).createdAt;
}

/** Whether a grant is older than an end that was taken back, so that it does not count. @param note about its end. */
export function isBeforeAllowance(record: string, note: string | null): boolean {
  return isAllowance(note) && grantRecord.parse(JSON.parse(record)).allowance !== note;
}

/** What is known about a grant when its client gets a token. */
export interface CompanyGrant extends GrantName {
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  readonly metadata: Omit<GrantMetadata, "lastUsed">;
  /** Seconds since the epoch until which it is kept without use. */
  readonly expiresAt: number;
  /** Seconds since the epoch at which the new token ends: its grant lasts at least as long. */
  readonly tokenExpiresAt: number;
}

/**
 * The record of a grant after its client got a token.
 * @param kept the earlier record.
 * @param note about its end. If it took an end back, an earlier record does not count.
 * @returns undefined if the earlier record still says everything: only the time has changed.
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
  note: string | null,
  now = Date.now(),
): string | undefined {
  const before =
    kept === null || isBeforeAllowance(kept, note)
      ? undefined
      : grantRecord.parse(JSON.parse(kept));
  const allowance = isAllowance(note) ? note : before?.allowance;
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
    ...(allowance !== undefined && { allowance }),
  });
}
