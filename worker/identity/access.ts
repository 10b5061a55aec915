import {
  type AuthorizationServer,
  getValidatedIdTokenClaims,
  processGenericTokenEndpointResponse,
  validateApplicationLevelSignature,
} from "oauth4webapi";
import * as z from "zod";
import type { WorkerSettings } from "../env.ts";
import { logEvent } from "../log.ts";
import { hostname, type MethodDeclaration, usual } from "./declaration.ts";
import {
  type EdgeMethod,
  type Identity,
  type IdentityContext,
  longestEmail,
  UpstreamError,
} from "./identity.ts";
import { upstreamOptions } from "./provider.ts";
import { listGroupNames, pickGroups } from "./scope-limit.ts";
import { fetchUpstream } from "./upstream-fetch.ts";

export const declaration = {
  ...usual,
  settings: {
    accessTeamDomain: hostname.meta({
      description: "Team domain of Cloudflare Access, for the identity method access.",
      example: "acme.cloudflareaccess.com",
    }),
  },
} as const satisfies MethodDeclaration;

/** Header in which Access hands over who signed in. */
const assertionHeader = "cf-access-jwt-assertion";

/**
 * What Access says of a person (developers.cloudflare.com, "Application token"). A service token has
 * no email and an empty `sub`: it is nobody.
 */
const claims = z.object({
  type: z.literal("app"),
  sub: z.string().min(1),
  email: z.string().min(3).max(longestEmail),
});

/** What Access says of a person when it is asked: groups by name, or with what their provider knows of them. */
const identity = z.object({
  groups: z
    .array(
      z.union([
        z.string(),
        z.object({
          id: z.string().optional(),
          name: z.string().optional(),
          email: z.string().optional(),
        }),
      ]),
    )
    .nullish(),
});

/** Teams of this isolate. The library keeps a team's keys by its object, and looks for new ones once a minute. */
const teams = new Map<string, AuthorizationServer>();

/**
 * Cloudflare Access in front of the sign-in pages. It signs people in and puts a token into each
 * request; the token is checked here, since a request may get here past Access.
 */
export const method: EdgeMethod = {
  kind: "edge",
  name: "access",
  findAuthority: (settings) => readSettings(settings).accessTeamDomain,
  signOutPath: "/cdn-cgi/access/logout",

  /** @throws UpstreamError if the team's keys cannot be had. */
  async read(request, context): Promise<Identity | undefined> {
    const token = request.headers.get(assertionHeader);
    const { ACCESS_AUDIENCE: audience = "" } = context.env;
    if (token === null || audience === "") return undefined;
    const team = findTeam(context);
    try {
      const { sub: subject, email } = claims.parse(await verify(token, team, audience));
      const { settings } = context;
      const hasGroups = listGroupNames(settings).length > 0;
      return {
        method: "access",
        issuer: team.issuer,
        subject,
        email: email.toLowerCase(),
        // Access only lets people in whose address its identity provider or its one-time PIN has verified.
        isEmailVerified: true,
        ...(hasGroups && { groups: pickGroups(settings, await readGroups(token, team)) }),
      };
    } catch (error) {
      if (error instanceof UpstreamError) throw error;
      // Neither the library's messages nor zod's hold values.
      logEvent("access-refused", { reason: error instanceof Error ? error.message : "" });
      return undefined;
    }
  },
};

/**
 * The claims of a token of Access. It is an ID token in everything but the way it arrives: `iss`, `aud`, `sub`,
 * `exp`, `nbf` and the signature are checked as one, so it is handed to the library as one.
 */
async function verify(token: string, team: AuthorizationServer, audience: string) {
  const client = { client_id: audience, id_token_signed_response_alg: "RS256" };
  const response = Response.json({ access_token: "none", token_type: "bearer", id_token: token });
  const tokens = await processGenericTokenEndpointResponse(team, client, response);
  await validateApplicationLevelSignature(team, response, upstreamOptions);
  return getValidatedIdTokenClaims(tokens);
}

/**
 * The person's groups at their identity provider. They are not in the token, so the team is asked with it
 * (developers.cloudflare.com, "Application token", "User identity").
 * @throws UpstreamError if the team does not say who it is.
 */
async function readGroups(token: string, { issuer }: AuthorizationServer): Promise<string[]> {
  const response = await fetchUpstream(`${issuer}/cdn-cgi/access/get-identity`, {
    method: "GET",
    headers: { accept: "application/json", cookie: `CF_Authorization=${token}` },
  });
  const read = identity.safeParse(response.status === 200 ? await response.json() : undefined);
  if (!read.success) {
    throw new UpstreamError("invalid", `get-identity answered ${response.status}`);
  }
  return (read.data.groups ?? []).flatMap((group) =>
    typeof group === "string" ? group : [group.name, group.email, group.id].filter(isText),
  );
}

function isText(value: string | undefined): value is string {
  return value !== undefined;
}

function readSettings({ identity }: Pick<WorkerSettings, "identity">) {
  if (identity.method !== "access") throw new Error(`The identity method is ${identity.method}.`);
  return identity;
}

function findTeam({ settings }: IdentityContext): AuthorizationServer {
  const issuer = `https://${readSettings(settings).accessTeamDomain}`;
  const team = teams.get(issuer) ?? { issuer, jwks_uri: `${issuer}/cdn-cgi/access/certs` };
  teams.set(issuer, team);
  return team;
}
