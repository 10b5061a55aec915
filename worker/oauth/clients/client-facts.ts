import type { ConsentDescription } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import type { WorkerSettings } from "../../env.ts";
import { toShownName } from "../../pages/shown-text.ts";

/**
 * What a grant says in clear about its client, for `/connections`. Small, because it is read with
 * every grant, and free of secrets: the OAuth library encrypts only the props.
 */
export const grantMetadata = z.object({
  /** As the consent page showed it. */
  clientName: z.string(),
  /** Domain of its metadata document: verified. Absent for a client that registered itself. */
  clientDomain: z.string().optional(),
  /** Host of the company's issuer that allowed the client, if no page asked the person. */
  company: z.string().optional(),
  /** Absent if there is no client: the person made a token for themselves. */
  redirectHost: z.string().optional(),
  /**
   * Day (UTC) on which it last got a token: `2026-07-28`. A call alone never writes it, except for a personal
   * token, once a day.
   */
  lastUsed: z.string().optional(),
});

/** See `grantMetadata`. */
export type GrantMetadata = z.infer<typeof grantMetadata>;

/** Who is behind a client's name. */
export type ClientOrigin =
  /** Its metadata document lies on this domain, so whoever owns the domain made the client. */
  | { readonly kind: "domain"; readonly domain: string }
  /** The stack's settings name it. */
  | { readonly kind: "pre-registered" }
  /** Nobody: the client registered itself and chose its name. */
  | { readonly kind: "unverified" };

/** The metadata of a new grant. */
export function toGrantMetadata(description: ConsentDescription, now = Date.now()): GrantMetadata {
  const { clientName, clientId, clientDomain, redirectHost } = description;
  return {
    clientName: toShownName(clientName, clientId),
    ...(clientDomain !== undefined && { clientDomain }),
    redirectHost,
    lastUsed: toDay(now),
  };
}

/** @param milliseconds since the epoch. @returns the day (UTC), as `2026-07-28`. */
export function toDay(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}

/** Who is behind a client's name. */
export function findOrigin(
  client: { readonly clientId: string; readonly clientDomain?: string | undefined },
  { clients }: Pick<WorkerSettings, "clients">,
): ClientOrigin {
  if (client.clientDomain !== undefined) return { kind: "domain", domain: client.clientDomain };
  const isKnown = clients.preRegistered.some(({ clientId }) => clientId === client.clientId);
  return { kind: isKnown ? "pre-registered" : "unverified" };
}
