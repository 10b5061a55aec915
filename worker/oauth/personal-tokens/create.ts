import * as z from "zod";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import { logEvent } from "../../log.ts";
import type { PersonProps } from "../../mcp/caller.ts";
import { pickScopes } from "../../mcp/scopes.ts";
import { toShownText } from "../../pages/shown-text.ts";
import { toGrantKey } from "../gate/well-formed-token.ts";
import { findThrottle } from "../limits/throttles.ts";
import { listScopesAtMost } from "./at-most.ts";
import { personalClientId } from "./client-id.ts";
import { mintToken, nameToken } from "./format.ts";
import { sealPerson, type TokenRecord } from "./record.ts";
import { toRecordKey } from "./record-key.ts";

/** The most tokens that one person may have. */
export const mostTokens = 20;

/** The most tokens that one person may make in a day (UTC), ended ones included: each writes to Workers KV twice. */
export const mostADay = 2 * mostTokens;

/** Days for which a token lives if nobody says how long. */
export const usualDays = 30;

/** The most characters of a token's name. */
export const longestName = 60;

const day = 86_400;

export interface CreateParts {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
  readonly person: PersonProps;
  /** Names of the tokens that the person has. */
  readonly names: readonly string[];
}

/** A new token. It is shown this once. */
export interface MadeToken {
  readonly token: string;
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly resource: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Makes a token that a person asked for.
 * @param asked `name`, `scopes`, `endpoint` ("mcp", "sse"; default: mcp), `days` (default: 30, or fewer if
 * the stack has it).
 * @returns or else what is wrong with the request, as a sentence that names the field; then nothing was made.
 */
export async function createToken(
  { env, settings, scopes: catalogue, person, names }: CreateParts,
  asked: unknown,
): Promise<MadeToken | { readonly problem: string }> {
  const { mostDays = 0 } = settings.tokens.personal ?? {};
  const atMost = listScopesAtMost({ settings, scopes: catalogue }, person);
  const result = readAsked(mostDays).safeParse(asked);
  if (!result.success) {
    const [{ path, message } = { path: [], message: "" }] = result.error.issues;
    const field = String(path[0] ?? "The token");
    return { problem: `No token was made. ${field}: ${message}. Correct it and try again.` };
  }
  const { name, endpoint, days, scopes } = result.data;
  const lacking = scopes.find((scope) => !atMost.includes(scope));
  if (lacking !== undefined) {
    const may = atMost.join(", ") || "none";
    return { problem: `scopes: You cannot give "${toShownText(lacking)}". Choose among: ${may}.` };
  }
  if (names.includes(name)) {
    return { problem: `name: You have a token "${name}". Choose another name, or end that one.` };
  }
  if (names.length >= mostTokens) {
    return {
      problem: `You have ${names.length} tokens, and may have ${mostTokens}. Delete one first.`,
    };
  }
  const { userId } = person;
  // Workers KV shows a token a minute late, so the list does not count tokens that are made at the same time.
  const place = await findThrottle(env, `personal-tokens:${userId}`).reserve(mostADay);
  if (place === "full") {
    return { problem: `You have made ${mostADay} tokens today. Wait until tomorrow (UTC).` };
  }
  const token = await mintToken(env);
  const { digest = "", grantId = "" } = (await nameToken(env, token)) ?? {};
  const now = Math.floor(Date.now() / 1000);
  const shared = {
    userId,
    resource: `${settings.origin}/${endpoint}`,
    expiresAt: now + days * day,
  };
  const given = pickScopes(catalogue, scopes);
  const record: TokenRecord = {
    ...shared,
    digest,
    scopes: given,
    person: await sealPerson(env, grantId, person),
  };
  // In the OAuth library's form, so that it lists and ends it with the others.
  const grant = {
    ...shared,
    id: grantId,
    clientId: personalClientId,
    scope: given,
    metadata: { clientName: name },
    createdAt: now,
  };
  const expiration = shared.expiresAt;
  // The grant first: a token that opens something is always listed.
  await env.OAUTH_KV.put(toGrantKey({ userId, grantId }), JSON.stringify(grant), {
    expiration,
    metadata: { clientId: personalClientId },
  });
  await env.OAUTH_KV.put(toRecordKey(grantId), JSON.stringify(record), { expiration });
  logEvent("personal-token-made", { days, scopes: given.length });
  const { resource, expiresAt } = shared;
  return { token, id: grantId, name, scopes: given, resource, expiresAt };
}

function readAsked(mostDays: number) {
  return z.object({
    name: z
      .string("It needs a name")
      .transform((name) => toShownText(name, longestName + 1))
      .pipe(
        z
          .string()
          .min(1, "It needs a name")
          .max(longestName, `It has at most ${longestName} characters`),
      ),
    scopes: z.array(z.string(), "Name what it may do").min(1, "Choose what it may do"),
    endpoint: z.enum(["mcp", "sse"], 'It is "mcp" or "sse"').default("mcp"),
    days: z.coerce
      .number(`It is a number of days, 1 to ${mostDays}`)
      .int("It is a whole number of days")
      .min(1, "It is one day at least")
      .max(mostDays, `This server allows ${mostDays} days at most`)
      .default(Math.min(usualDays, mostDays)),
  });
}
