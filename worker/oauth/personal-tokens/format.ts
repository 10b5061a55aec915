import { encodeBase64Url } from "hono/utils/encode";
import { hmac } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { toGrantId } from "./record-key.ts";

/**
 * The beginning of each personal token. Secret scanners find one by `rmcp_[0-9A-Za-z]{36}`, and tell it from
 * chance by its checksum; the form is GitHub's and npm's: 30 characters and their CRC-32.
 */
export const tokenPrefix = "rmcp_";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Of the 30 characters: those that are random (131 bits), and those that prove that this server made them (47 bits). */
const randomLength = 22;
const proofLength = 8;
const checksumLength = 6;

const pattern = new RegExp(
  `^${tokenPrefix}(([0-9A-Za-z]{${randomLength}})[0-9A-Za-z]{${proofLength}})([0-9A-Za-z]{${checksumLength}})$`,
);

/** What is stored of a token. */
export interface TokenName {
  /** SHA-256 of the token, as base64url. */
  readonly digest: string;
  /** Id of its grant. It is derived from the digest, so that a token leads to its record. */
  readonly grantId: string;
}

/** Whether a bearer token has the beginning of a personal one. */
export function isPersonalToken(token: string): boolean {
  return token.startsWith(tokenPrefix);
}

/** Why a personal token cannot be revoked this way (RFC 7009), in words. @param origin of this server. */
export function explainPersonalToken(origin: string): string {
  return `A personal token is ended by its person: ${origin}/connections`;
}

export async function mintToken(env: Pick<WorkerEnv, "SUBJECT_KEY">): Promise<string> {
  const random = pickRandom();
  const body = random + (await prove(env, random));
  return tokenPrefix + body + checksum(body);
}

/**
 * The name of a token; undefined if this server cannot have made it. Nothing is read: the checksum refuses
 * a mistyped token, and the proof (HMAC-SHA256 under a key that never rotates) what was invented.
 */
export async function nameToken(
  env: Pick<WorkerEnv, "SUBJECT_KEY">,
  token: string,
): Promise<TokenName | undefined> {
  const [, body = "", random = "", sum] = pattern.exec(token) ?? [];
  if (sum !== checksum(body) || body !== random + (await prove(env, random))) return undefined;
  const bytes = new TextEncoder().encode(token);
  const digest = encodeBase64Url(await crypto.subtle.digest("SHA-256", bytes));
  return { digest, grantId: toGrantId(digest) };
}

function pickRandom(): string {
  let text = "";
  while (text.length < randomLength) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    // 248 is the largest multiple of 62 in a byte, so every character is equally likely.
    if (byte < 248) text += alphabet[byte % 62];
  }
  return text;
}

/** It looks random. Other texts under this key are JSON; see `deriveUserId`. */
async function prove({ SUBJECT_KEY }: Pick<WorkerEnv, "SUBJECT_KEY">, random: string) {
  const bytes = new Uint8Array(await hmac(SUBJECT_KEY, `personal-token:${random}`));
  return [...bytes.slice(0, proofLength)].map((byte) => alphabet[byte % 62]).join("");
}

/** CRC-32 (ISO 3309) in base 62. */
function checksum(text: string): string {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  let rest = ~crc >>> 0;
  let written = "";
  for (let digit = 0; digit < checksumLength; digit++) {
    written = alphabet[rest % 62] + written;
    rest = Math.floor(rest / 62);
  }
  return written;
}
