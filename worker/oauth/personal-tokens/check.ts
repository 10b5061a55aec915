import { waitUntil } from "cloudflare:workers";
import { OAuthError } from "@cloudflare/workers-oauth-provider";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { isKnownPerson } from "../../identity/refresh-upstream.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import { logEvent, logFailure } from "../../log.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { toDay } from "../clients/client-facts.ts";
import { findGate } from "../gate/gates.ts";
import { kvCopyTime } from "../gate/recent-records.ts";
import { findRecords } from "../gate/token-records.ts";
import { toGrantKey } from "../gate/well-formed-token.ts";
import type { GrantName } from "../revoke.ts";
import { listScopesAtMost } from "./at-most.ts";
import { personalClientId } from "./client-id.ts";
import { nameToken } from "./format.ts";
import { openPerson, readRecord } from "./record.ts";
import { toRecordKey } from "./record-key.ts";
import { needsSignIn } from "./sign-in-age.ts";

export interface CheckParts {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/** Why a token is refused: for the log, and in words for its holder. ASCII, because they go into a header. */
const refusals = {
  form: "It is not from this server: check that it was copied whole",
  unknown: "It has expired or was ended. Make a new one",
  resource: "It is for this server's other endpoint",
  person: "This server no longer lets its person in",
  age: "Its person has to sign in again. After that it works again",
} as const;

/**
 * Checks a personal token with one read of Workers KV, or none while this isolate keeps its record, as for any
 * other token, and never one for a token that this server cannot have made. Every change of the stack's
 * settings about people counts at once.
 * @param resource the endpoint that is called.
 * @throws OAuthError `invalid_token`, without the metadata that would send a client into a login: the client
 * has nobody to log in, and a token that was given to it by hand is replaced by hand.
 */
export async function checkPersonalToken(
  { env, settings, scopes }: CheckParts,
  resource: string,
  token: string,
) {
  const refuse = (reason: keyof typeof refusals): OAuthError => {
    logEvent("personal-token-refused", { reason });
    const description = `This personal token is not valid here. ${refusals[reason]}: ${settings.origin}/connections`;
    const challenge = `Bearer realm="OAuth", error="invalid_token", error_description="${description}"`;
    return new OAuthError("invalid_token", {
      description,
      statusCode: 401,
      headers: { "WWW-Authenticate": challenge },
    });
  };
  const name = await nameToken(env, token);
  if (name === undefined) throw refuse("form");
  const { digest, grantId } = name;
  const key = toRecordKey(grantId);
  const stored = await findRecords(env).find(key, () =>
    env.OAUTH_KV.get(key, { type: "text", cacheTtl: kvCopyTime }),
  );
  if (stored === null) throw refuse("unknown");
  const record = readRecord(stored);
  const { userId, expiresAt } = record;
  if (record.digest !== digest || expiresAt <= Date.now() / 1000) throw refuse("unknown");
  if (record.resource !== resource) throw refuse("resource");
  const person = await openPerson(env, grantId, record.person);
  if (!isKnownPerson(settings, person)) throw refuse("person");
  if (needsSignIn(settings, person)) throw refuse("age");
  const grant = { userId, grantId };
  if (settings.tokens.strictRevocation) {
    const { isEnded } = await findGate(env, grant).look(key, true);
    if (isEnded) throw refuse("unknown");
  }
  noteDay(env, grant);
  const atMost = listScopesAtMost({ settings, scopes }, person);
  const props: PersonProps = { ...person, grantId };
  return {
    props,
    audience: resource,
    scope: record.scopes.filter((scope) => atMost.includes(scope)),
    userId,
    clientId: `${personalClientId}:${grantId}`,
    expiresAt,
  };
}

/** Grants whose day of use this isolate has reported, each with the day, the oldest first. */
const reported = new Set<string>();

/** How many of them are remembered. */
const most = 1000;

/**
 * Notes a token's day of use, after the call is answered. Its gate writes it, which is also what ends the token:
 * so nothing is written back of one that was ended. It runs once a day in each isolate, and the gate writes once a day.
 */
function noteDay(env: WorkerEnv, grant: GrantName): void {
  const { grantId } = grant;
  const mark = `${grantId} ${toDay(Date.now())}`;
  if (reported.has(mark)) return;
  reported.add(mark);
  for (const oldest of reported) {
    if (reported.size <= most) break;
    reported.delete(oldest);
  }
  const forget = (error: unknown) => {
    reported.delete(mark);
    logFailure("token-gate-failure", error);
  };
  waitUntil(findGate(env, grant).rewrite(grant, toGrantKey(grant)).catch(forget));
}
