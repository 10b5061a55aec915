import type { OAuthResourceTokenValidation } from "@cloudflare/workers-oauth-provider";
import { decodeBase64Url, encodeBase64Url } from "hono/utils/encode";
import * as z from "zod";
import { isSameSecret } from "../../constant-time.ts";
import { hmac } from "../../digest.ts";
import type { WorkerEnv, WorkerSettings } from "../../env.ts";
import { readKeyRing } from "../../keys.ts";
import type { ScopeCatalogue } from "../../kit/define-scopes.ts";
import { type PersonProps, toMachineProps } from "../../mcp/caller.ts";
import { pickScopes } from "../../mcp/scopes.ts";
import { toMachineEndedKey } from "../gate/ended-outside.ts";
import { kvCopyTime } from "../gate/recent-records.ts";
import { findRecords } from "../gate/token-records.ts";
import { hasCredential } from "./credential.ts";

/** Begins each token of a machine client, so that a scanner for secrets finds one in a log. */
const prefix = "mcpm_";

/** Seconds for which such a token is valid, unless access tokens end sooner: a machine gets another one. */
export const machineTokenLifetime = 900;

/** The content of a token. */
const claims = z.object({
  name: z.string(),
  scopes: z.array(z.string()),
  resource: z.string(),
  /** See `toCredentialId`. */
  credential: z.string(),
  /** Seconds since the epoch. */
  issuedAt: z.number(),
  expiresAt: z.number(),
});

/** See `claims`. */
export type MachineClaims = z.infer<typeof claims>;

/** Whether a bearer token looks like a machine client's. Nothing about it is proven. */
export function isMachineToken(token: string): boolean {
  return token.startsWith(prefix);
}

/** Why such a token cannot be revoked (RFC 7009), in words for its client. */
export function explainMachineToken(): string {
  return `The token of a machine client cannot be given back. It ends ${machineTokenLifetime / 60} minutes after it was made.`;
}

/**
 * A self-contained token, signed (HMAC-SHA256) with the key for data that travels through a client. It is not
 * stored: a schedule that asks for one each minute costs no write, and an invented one is refused before
 * anything is read.
 */
export async function writeMachineToken(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  said: MachineClaims,
): Promise<string> {
  const body = encodeBase64Url(
    new TextEncoder().encode(JSON.stringify(said)).buffer as ArrayBuffer,
  );
  return `${prefix}${body}.${await prove(readKeyRing(SESSION_KEYS).current, body)}`;
}

export interface MachineTokenParts {
  readonly env: WorkerEnv;
  readonly settings: WorkerSettings;
  readonly scopes: ScopeCatalogue;
}

/**
 * Checks a machine client's token as the OAuth library checks a person's: for one resource, and with at most
 * one read of Workers KV, for whether an operator ended it. It is good only as long as the settings have its
 * client, the credential that it was given for and its scopes.
 * @returns null for an invalid one.
 */
export async function checkMachineToken(
  { env, settings, scopes }: MachineTokenParts,
  resource: string,
  token: string,
): Promise<OAuthResourceTokenValidation<PersonProps> | null> {
  const said = await readProven(env, token);
  if (said === undefined || said.resource !== resource || said.expiresAt <= Date.now() / 1000) {
    return null;
  }
  const { name, issuedAt, expiresAt } = said;
  const machine = settings.machines?.find((one) => one.name === name);
  if (machine === undefined || !(await hasCredential(env, machine, said.credential))) return null;
  if (issuedAt <= (await findEnd(env, name))) return null;
  const props = toMachineProps(name);
  return {
    audience: resource,
    props,
    scope: pickScopes(scopes, said.scopes).filter((scope) => machine.scopes.includes(scope)),
    userId: props.userId,
    clientId: name,
    expiresAt,
  };
}

/**
 * When an operator last ended a machine client's tokens, in seconds since the epoch; 0 for never. As recent as this
 * isolate's knowledge of any token.
 */
async function findEnd(env: WorkerEnv, name: string): Promise<number> {
  const key = toMachineEndedKey(name);
  const read = async () => (await env.OAUTH_KV.get(key, { cacheTtl: kvCopyTime })) ?? "0";
  return Number(await findRecords(env).find(key, read));
}

async function readProven(env: WorkerEnv, token: string): Promise<MachineClaims | undefined> {
  const [body = "", proof = ""] = token.slice(prefix.length).split(".");
  for (const key of readKeyRing(env.SESSION_KEYS).all) {
    if (!(await isSameSecret(proof, await prove(key, body)))) continue;
    return claims.parse(JSON.parse(new TextDecoder().decode(decodeBase64Url(body))));
  }
  return undefined;
}

async function prove(key: string, body: string): Promise<string> {
  return encodeBase64Url(await hmac(key, `machine-token:${body}`));
}
