import { parseSigned, serialize, serializeSigned } from "hono/utils/cookie";
import * as z from "zod";
import { readKeyRing } from "../keys.ts";
import type { Identity, IdentityContext } from "./identity.ts";
import { findAuthority, selectIdentity } from "./index.ts";

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
    isEmailVerified: z.boolean().optional(),
    name: z.string().optional(),
    organizations: z.array(z.string()).optional(),
    groups: z.array(z.string()).optional(),
  }),
  /** Who vouched for them; see `findAuthority`. */
  authority: z.string(),
  /** Seconds since the epoch. In the signed part: a browser may keep a cookie as long as it likes. */
  expiresAt: z.number(),
});

/** A `Set-Cookie` value that remembers who signed in, signed with the current session key. */
export function rememberSignIn(
  identity: Identity,
  authority: string,
  sessionKeys: string,
): Promise<string> {
  const expiresAt = Math.floor(Date.now() / 1000) + lifetime;
  const value = JSON.stringify({ identity, authority, expiresAt });
  const { current } = readKeyRing(sessionKeys);
  return serializeSigned(cookieName, value, current, { ...cookieOptions, maxAge: lifetime });
}

/** A `Set-Cookie` value that forgets who signed in. */
export function forgetSignIn(): string {
  return serialize(cookieName, "", { ...cookieOptions, maxAge: 0 });
}

/** Who is signed in, or undefined: nobody, or nobody whom this stack's identity method vouches for. */
export async function findSignedIn(
  request: Request,
  context: IdentityContext,
): Promise<Identity | undefined> {
  const method = selectIdentity(context.settings);
  if (method.kind === "edge") return method.read(request, context);
  return readSignIn(request, findAuthority(context.settings), context.env.SESSION_KEYS);
}

/** Who the cookie names, or undefined: no cookie, a forged one, an expired one, another authority's. */
export async function readSignIn(
  request: Request,
  authority: string,
  sessionKeys: string,
): Promise<Identity | undefined> {
  const cookie = request.headers.get("cookie") ?? "";
  const value = await readSigned(cookie, sessionKeys);
  if (value === undefined) return undefined;
  const parsed = content.safeParse(JSON.parse(value));
  // One that another version of this Worker signed.
  if (!parsed.success) return undefined;
  const { identity, expiresAt } = parsed.data;
  if (expiresAt <= Date.now() / 1000 || parsed.data.authority !== authority) return undefined;
  // What is absent in JSON is absent here too.
  return identity as Identity;
}

/** The cookie's value, if any key that still counts has signed it. */
async function readSigned(cookie: string, sessionKeys: string): Promise<string | undefined> {
  for (const key of readKeyRing(sessionKeys).all) {
    const { [cookieName]: value } = await parseSigned(cookie, key, cookieName);
    if (typeof value === "string") return value;
  }
  return undefined;
}
