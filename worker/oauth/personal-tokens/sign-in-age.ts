import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { listGroupNames } from "../../identity/scope-limit.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { findGate } from "../gate/gates.ts";
import { findRecords } from "../gate/token-records.ts";
import { openPerson, readRecord, sealPerson } from "./record.ts";
import { toRecordKey } from "./record-key.ts";

const day = 86_400;

/** Seconds after which a later sign-in is written into a token's record. */
const worthWriting = day;

/**
 * Whether the person has to sign in again before a token works: if organisations or groups matter, which are only
 * known as of the last sign-in.
 */
export function needsSignIn(
  settings: WorkerSettings,
  { signedInAt = 0 }: PersonProps,
  now = Date.now(),
): boolean {
  const { personal } = settings.tokens;
  if (personal === undefined || !countsGroups(settings)) return false;
  return signedInAt + personal.signInDays * day < now / 1000;
}

/** Whether permissions depend on organisations or groups. */
function countsGroups(settings: WorkerSettings): boolean {
  return settings.allowed.organizations.length > 0 || listGroupNames(settings).length > 0;
}

/**
 * Updates what a person's tokens know about the person, who has just signed in. Nothing is read if that changes
 * nothing.
 * @param grantIds of their tokens.
 */
export async function renewPerson(
  { env, settings }: { readonly env: WorkerEnv; readonly settings: WorkerSettings },
  person: PersonProps,
  grantIds: readonly string[],
): Promise<void> {
  if (!countsGroups(settings)) return;
  await Promise.all(
    grantIds.map(async (grantId) => {
      const key = toRecordKey(grantId);
      const stored = await env.OAUTH_KV.get(key);
      if (stored === null) return;
      const record = readRecord(stored);
      const { signedInAt = 0 } = await openPerson(env, grantId, record.person);
      if (signedInAt + worthWriting > (person.signedInAt ?? 0)) return;
      const sealed = await sealPerson(env, grantId, person);
      const { userId } = person;
      const grant = { userId, grantId };
      await findGate(env, grant).rewrite(grant, key, JSON.stringify({ ...record, person: sealed }));
      findRecords(env).forget(grant);
    }),
  );
}
