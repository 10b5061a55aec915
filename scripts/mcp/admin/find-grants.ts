import type { GrantSummary } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import { personalClientId } from "../../../worker/oauth/personal-tokens/client-id.ts";
import { formatDay } from "../../terminal/format.ts";
import type { AdminServer } from "./open-server.ts";

/** A grant as an operator sees it: nothing of it is secret, and nothing tells who the person is. */
export interface GrantRow {
  /** `<user id>:<grant id>`, as `revoke --grant` takes it. */
  readonly grant: string;
  /** Id of the person, which tells nothing else about them. */
  readonly userId: string;
  readonly clientId: string;
  /** As the client calls itself, else its id. */
  readonly clientName: string;
  /** Host of the company's issuer that allowed it. Null: the person did. */
  readonly company: string | null;
  /** The endpoint that it opens. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** Day (UTC) of the consent. */
  readonly since: string;
  /** Day on which its client last got a token. Null: the grant does not say it. */
  readonly lastUsed: string | null;
  /** Day on which it ends if it is not used. Null: never. */
  readonly expires: string | null;
}

/** Which grants are meant: all, of one person, of one client, of one person with one client. */
export interface GrantFilter {
  readonly user?: string | undefined;
  readonly client?: string | undefined;
}

/** A grant's metadata, about itself and its client; see `worker/oauth/clients/client-facts.ts`. */
const grantMetadata = z.object({
  clientName: z.string().optional(),
  company: z.string().optional(),
  lastUsed: z.string().optional(),
});

/** Every grant that is meant, the oldest first. Those that have ended and still lie in KV are included. */
export async function findGrants(
  { oauth, kv }: Pick<AdminServer, "oauth" | "kv">,
  { user, client }: GrantFilter = {},
): Promise<GrantRow[]> {
  const userIds = user === undefined ? await listUserIds(kv) : [user];
  const found: GrantSummary[] = [];
  for (const userId of userIds) {
    found.push(...(await collectPages((cursor) => oauth.listUserGrants(userId, cursor))));
  }
  const meant = found.filter(({ clientId }) => client === undefined || clientId === client);
  meant.sort((one, other) => one.createdAt - other.createdAt);
  return Promise.all(meant.map(async (grant) => toRow(grant, await findName(oauth, grant))));
}

/** All items of a list of the OAuth library's, over its pages. @param ask for the page that begins at a cursor. */
export async function collectPages<Item>(
  ask: (from: { cursor?: string }) => Promise<{ items: Item[]; cursor?: string }>,
): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor === undefined ? {} : { cursor });
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return items;
}

async function listUserIds(kv: AdminServer["kv"]): Promise<string[]> {
  const userIds = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await kv.list({ prefix: "grant:", cursor });
    for (const { name } of page.keys) {
      const [, userId] = name.split(":");
      if (userId !== undefined) userIds.add(userId);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return [...userIds];
}

async function findName(oauth: AdminServer["oauth"], grant: GrantSummary): Promise<string> {
  const known = grantMetadata.safeParse(grant.metadata).data?.clientName;
  if (grant.clientId === personalClientId) return `${known ?? grant.id} (personal token)`;
  return known ?? (await oauth.lookupClient(grant.clientId))?.clientName ?? grant.clientId;
}

function toRow(grant: GrantSummary, clientName: string): GrantRow {
  const { id, userId, clientId, scope, resource, createdAt, expiresAt } = grant;
  const metadata = grantMetadata.safeParse(grant.metadata).data;
  return {
    grant: `${userId}:${id}`,
    userId,
    clientId,
    clientName,
    company: metadata?.company ?? null,
    resource: [resource ?? []].flat().join(" "),
    scopes: scope,
    since: formatDay(createdAt),
    lastUsed: metadata?.lastUsed ?? null,
    expires: expiresAt === undefined ? null : formatDay(expiresAt),
  };
}
