import type { JSX } from "hono/jsx/jsx-runtime";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { logEvent } from "../../log.ts";
import { BlockedApps } from "../../pages/blocked-apps.tsx";
import { isEnd, toEndedKey } from "../gate/ended-outside.ts";
import { findGate } from "../gate/gates.ts";
import type { GrantName } from "../revoke.ts";
import { companyGrantPrefix, toCompanyGrantId } from "./grant-id.ts";

interface BlockedParts {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
}

/** The part of `/connections` about what a person ended and no assertion brings back; undefined if there is nothing. */
export async function showBlocked(
  { env, settings }: BlockedParts,
  personId: string,
): Promise<JSX.Element | undefined> {
  const blocked = await listBlocked(env, settings, personId);
  return blocked.length === 0 ? undefined : BlockedApps({ personId, blocked });
}

/** Undoes a person's end of what their company allows. @param grantId as their form names it. */
export async function allowAgain(
  { env, settings }: BlockedParts,
  userId: string,
  grantId: unknown,
): Promise<void> {
  const blocked = await listBlocked(env, settings, userId);
  const chosen = blocked.find((each) => each.grantId === grantId);
  if (chosen === undefined) return;
  await unblockGrant(env, { userId, grantId: chosen.grantId });
  logEvent("connection-allowed", {});
}

/** Removes a block. The client can get a token again within a minute, once Workers KV shows it. */
async function unblockGrant(env: WorkerEnv, grant: GrantName): Promise<void> {
  await env.OAUTH_KV.delete(toEndedKey(grant));
  await findGate(env, grant).readmit(grant);
}

export interface BlockedGrant {
  readonly grantId: string;
  readonly clientId: string;
}

/** What a person, or an operator for them, ended and no assertion brings back. Without companies, nothing is read. */
async function listBlocked(
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
  const noted = all.filter(({ grantId }) => ended.has(toEndedKey({ userId, grantId })));
  const notes = await Promise.all(
    noted.map(({ grantId }) => OAUTH_KV.get(toEndedKey({ userId, grantId }))),
  );
  return noted.filter((_, index) => isEnd(notes[index]));
}
