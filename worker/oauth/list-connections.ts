import type { GrantSummary, OAuthHelpers } from "@cloudflare/workers-oauth-provider";
import type { WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { pickScopes } from "../mcp/scopes.ts";
import { toShownText } from "../pages/shown-text.ts";
import { type ClientOrigin, findOrigin, grantMetadata, toDay } from "./clients/client-facts.ts";
import { personalClientId } from "./personal-tokens/client-id.ts";
import { manageScopes } from "./personal-tokens/manage-scope.ts";

/** A grant as its owner sees it. */
export interface Connection {
  readonly grantId: string;
  /** Whether it is a token that the person made for themselves; its name is then the client's. */
  readonly isToken: boolean;
  readonly clientName: string;
  readonly origin: ClientOrigin;
  readonly redirectHost: string | undefined;
  /** Host of the company's issuer that allowed it, if no page asked the person. */
  readonly company: string | undefined;
  /** The endpoint that it may call. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Day (UTC) of the consent: `2026-07-28`. */
  readonly since: string;
  /** Day on which its client last got a token, or on which the token was last used, if the grant says it. */
  readonly lastUsed: string | undefined;
  /** Last day of a token, which use does not extend. */
  readonly until: string | undefined;
}

/**
 * The most grants that one request reads, and that the connections page lists. Each is a read of Workers KV, of
 * which a request has a thousand (Cloudflare, Workers limits, "Subrequests").
 */
export const mostRead = 500;

interface ConnectionParts {
  readonly settings: Pick<WorkerSettings, "clients">;
  /** The server's current scopes: one that is gone is not shown. */
  readonly scopes: ScopeCatalogue;
}

/** Every connection of a person, the newest first. */
export async function listConnections(
  oauth: OAuthHelpers,
  userId: string,
  { settings, scopes }: ConnectionParts,
  now = Date.now(),
): Promise<Connection[]> {
  const grants: GrantSummary[] = [];
  let cursor: string | undefined;
  do {
    const limit = Math.min(mostRead - grants.length, 100);
    const page = await oauth.listUserGrants(userId, { limit, ...(cursor && { cursor }) });
    grants.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && grants.length < mostRead);
  return (
    grants
      // Workers KV drops it some time after it has ended.
      .filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt * 1000 > now)
      .toSorted((a, b) => b.createdAt - a.createdAt)
      .map((grant) => toConnection(grant, { settings, scopes }))
  );
}

function toConnection(grant: GrantSummary, { settings, scopes }: ConnectionParts): Connection {
  const { id, clientId, scope, redirectUri, resource, createdAt, expiresAt } = grant;
  const isToken = clientId === personalClientId;
  // Grants of older versions say nothing about their client.
  const metadata = grantMetadata.safeParse(grant.metadata).data;
  return {
    grantId: id,
    isToken,
    clientName: metadata?.clientName ?? toShownText(clientId),
    origin: findOrigin({ clientId, clientDomain: metadata?.clientDomain }, settings),
    redirectHost: metadata?.redirectHost ?? readHost(redirectUri),
    company: metadata?.company,
    resource: [resource ?? []].flat().join(", "),
    scopes: pickScopes({ ...scopes, ...manageScopes }, scope),
    since: toDay(createdAt * 1000),
    lastUsed: metadata?.lastUsed,
    until: isToken && expiresAt !== undefined ? toDay(expiresAt * 1000) : undefined,
  };
}

function readHost(url = ""): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}
