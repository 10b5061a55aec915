import { parseSigned, serialize, serializeSigned } from "hono/utils/cookie";
import * as z from "zod";
import type { Identity } from "./identity.ts";

/**
 * Cookie of a signed-in person. `__Host-` ties it to this very host; Lax, because a client sends
 * the browser to `/authorize` from another site.
 */
const cookieName = "__Host-session";
const cookieOptions = { path: "/", secure: true, httpOnly: true, sameSite: "Lax" } as const;

/** Seconds a sign-in lasts in one browser. */
const lifetime = 3600;

const content = z.object({
  identity: z.object({
    method: z.string(),
    issuer: z.string(),
    subject: z.string(),
    email: z.string().optional(),
  }),
  /** Seconds since the epoch. In the signed part: a browser may keep a cookie as long as it likes. */
  expiresAt: z.number(),
});

/** A `Set-Cookie` value that remembers who signed in, signed with the session key. */
export function rememberSignIn(identity: Identity, sessionKey: string): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1000) + lifetime;
  const value = JSON.stringify({ identity, expiresAt });
  return serializeSigned(cookieName, value, sessionKey, { ...cookieOptions, maxAge: lifetime });
}

/** A `Set-Cookie` value that forgets who signed in. */
export function forgetSignIn(): string {
  return serialize(cookieName, "", { ...cookieOptions, maxAge: 0 });
}

/** Who is signed in, or undefined: no cookie, a forged one, an expired one, another method's. */
export async function readSignIn(
  request: Request,
  method: string,
  sessionKey: string,
): Promise<Identity | undefined> {
  const cookie = request.headers.get("cookie") ?? "";
  const { [cookieName]: value } = await parseSigned(cookie, sessionKey, cookieName);
  if (typeof value !== "string") return undefined;
  const { identity, expiresAt } = content.parse(JSON.parse(value));
  if (expiresAt <= Date.now() / 1000 || identity.method !== method) return undefined;
  const { email, ...rest } = identity;
  return { ...rest, ...(email !== undefined && { email }) };
}
