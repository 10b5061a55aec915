import { encodeBase64Url } from "hono/utils/encode";
import { isSameSecret } from "../../constant-time.ts";
import { hmac } from "../../digest.ts";
import type { WorkerEnv } from "../../env.ts";
import { readKeyRing } from "../../keys.ts";

/** Characters of the proof: 96 bits. */
const proofLength = 16;

/**
 * A transaction's handle, with proof that this server made it (HMAC-SHA256, RFC 2104). The OAuth library
 * only compares a handle with a cookie, and a stranger can invent both: each invented one would wake an object.
 */
export async function proveHandle(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  handle: string,
): Promise<string> {
  return `${handle}.${await prove(readKeyRing(SESSION_KEYS).current, handle)}`;
}

/** The handle that `proveHandle` proved, with any key that still counts; undefined if it was invented. */
export async function readProven(
  { SESSION_KEYS }: Pick<WorkerEnv, "SESSION_KEYS">,
  proven: string,
): Promise<string | undefined> {
  const end = proven.lastIndexOf(".");
  const handle = proven.slice(0, Math.max(end, 0));
  const given = proven.slice(end + 1);
  for (const key of readKeyRing(SESSION_KEYS).all) {
    if (await isSameSecret(given, await prove(key, handle))) return handle;
  }
  return undefined;
}

async function prove(key: string, handle: string): Promise<string> {
  return encodeBase64Url(await hmac(key, `transaction:${handle}`)).slice(0, proofLength);
}
