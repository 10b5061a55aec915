import { encodeBase64Url } from "hono/utils/encode";
import { isSameSecret } from "../../constant-time.ts";
import { hmac } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { readKeyRing } from "../../keys.ts";

/**
 * What is proved, and the characters of its proof; what holds for one is nothing for the other. The handle of a
 * visit to the server that signs people in only says that there is an object: 96 bits. A consent page, as its form
 * holds it, is believed: 132 bits, over half of what HMAC-SHA256 gives (RFC 2104 section 5).
 */
const proofLengths = { transaction: 16, page: 22 } as const;

type Kind = keyof typeof proofLengths;

/**
 * A text with the proof that this server made it (HMAC-SHA256, RFC 2104). The OAuth library only compares a handle
 * with a cookie, and a stranger can invent both: each invented one would wake an object.
 */
export async function prove(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  kind: Kind,
  text: string,
): Promise<string> {
  return `${text}.${await sign(readKeyRing(SESSION_KEYS).current, kind, text)}`;
}

/** The text that `prove` proved, with any key that still counts; undefined if it was invented. */
export async function readProven(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  kind: Kind,
  proven: string,
): Promise<string | undefined> {
  const end = proven.lastIndexOf(".");
  const text = proven.slice(0, Math.max(end, 0));
  const given = proven.slice(end + 1);
  for (const key of readKeyRing(SESSION_KEYS).all) {
    if (await isSameSecret(given, await sign(key, kind, text))) return text;
  }
  return undefined;
}

async function sign(key: string, kind: Kind, text: string): Promise<string> {
  return encodeBase64Url(await hmac(key, `${kind}:${text}`)).slice(0, proofLengths[kind]);
}
