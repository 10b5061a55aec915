import { decodeHeader, verifyWithJwks } from "hono/utils/jwt/jwt";
import * as z from "zod";
import { keepAccessKeys } from "./access-keys.ts";
import type { EdgeMethod, Identity, IdentityContext } from "./identity.ts";

/** Header in which Access hands over who signed in. */
const assertionHeader = "cf-access-jwt-assertion";

/**
 * What Access says of a person (developers.cloudflare.com, "Application token"). A service token has
 * no email and an empty `sub`: it is nobody.
 */
const claims = z.object({
  type: z.literal("app"),
  sub: z.string().min(1),
  email: z.string().min(3).max(254),
  exp: z.number(),
});

/**
 * Cloudflare Access in front of the sign-in pages. It signs people in and puts a token into each
 * request; the token is checked here, since a request may come by a way around Access.
 */
export const access: EdgeMethod = {
  kind: "edge",
  name: "access",
  signOutPath: "/cdn-cgi/access/logout",

  /** @throws UpstreamError where the team's keys cannot be had. */
  async read(request, context): Promise<Identity | undefined> {
    const token = request.headers.get(assertionHeader);
    const issuer = `https://${readSettings(context).teamDomain}`;
    const { ACCESS_AUDIENCE: audience = "" } = context.env;
    if (token === null || audience === "") return undefined;
    const keyId = readKeyId(token);
    if (keyId === undefined) return undefined;
    const keys = await keepAccessKeys(issuer, keyId);
    const payload = await verify(token, keys, issuer, audience);
    const { success, data } = claims.safeParse(payload);
    if (!success) return undefined;
    const { sub: subject, email } = data;
    return {
      method: "access",
      issuer,
      subject,
      email: email.toLowerCase(),
      // Access lets nobody in whose address its identity provider or its one-time PIN has not shown.
      isEmailVerified: true,
    };
  },
};

type Keys = Awaited<ReturnType<typeof keepAccessKeys>>;

/** The claims of a token; undefined for one that is forged, too old, or for somebody else. */
async function verify(token: string, keys: Keys, issuer: string, audience: string) {
  try {
    return await verifyWithJwks(token, {
      keys: [...keys],
      allowedAlgorithms: ["RS256"],
      // When it was made is no limit, and clocks differ by a second.
      verification: { iss: issuer, aud: audience, exp: true, nbf: true, iat: false },
    });
  } catch {
    return undefined;
  }
}

function readKeyId(token: string): string | undefined {
  try {
    return decodeHeader(token).kid;
  } catch {
    return undefined;
  }
}

function readSettings({ settings: { identity } }: IdentityContext) {
  if (identity.method !== "access") throw new Error(`The identity method is ${identity.method}.`);
  return identity;
}
