import {
  type AuthorizationServer,
  type Client,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  customFetch,
  generateRandomCodeVerifier,
  processAuthorizationCodeResponse,
} from "oauth4webapi";
import * as z from "zod";
import { toCallbackUrl } from "./callback-url.ts";
import { type MethodDeclaration, usual } from "./declaration.ts";
import { findMemberships, findUser, readPrimaryEmail, readUser } from "./github-api.ts";
import type { IdentityContext, RedirectMethod, UpstreamRenewal } from "./identity.ts";
import { UpstreamError } from "./identity.ts";
import { listGroupNames, pickGroups } from "./scope-limit.ts";
import { askRenewed, toUpstreamError } from "./upstream-errors.ts";
import { fetchUpstream, type UpstreamRequest } from "./upstream-fetch.ts";
import { keepTokens, redeemCode, renewTokens, type UpstreamClient } from "./upstream-tokens.ts";

export const declaration = {
  ...usual,
  settings: {
    githubClientId: z.string().min(1).meta({
      description: "Client id of the OAuth app at GitHub, for the identity method github.",
      example: "Iv1.0123456789abcdef",
    }),
  },
  secrets: {
    githubClientSecret: {
      binding: "GITHUB_CLIENT_SECRET",
      description: "Client secret of the OAuth app at GitHub, for the identity method github.",
      isNeeded: true,
    },
  },
  knowsOrganizations: true,
} as const satisfies MethodDeclaration;

/** GitHub has no discovery for OAuth apps (docs.github.com, "Authorizing OAuth apps"). */
const server: AuthorizationServer = {
  issuer: "https://github.com/login/oauth",
  authorization_endpoint: "https://github.com/login/oauth/authorize",
  token_endpoint: "https://github.com/login/oauth/access_token",
};

/** GitHub says 200 with an error in it, although RFC 6749 section 5.2 wants 400. */
const tokenOptions = {
  async [customFetch](url: string, request: UpstreamRequest): Promise<Response> {
    const response = await fetchUpstream(url, request);
    const text = await response.text();
    const status = response.status === 200 && hasError(text) ? 400 : response.status;
    return new Response(text, { status, headers: response.headers });
  },
};

/** What is kept while the person is at GitHub. */
const started = z.object({ verifier: z.string() });

/**
 * An OAuth app at GitHub. The person is the account's number: a login can be renamed and then be
 * somebody else's. The address is the account's primary one, if GitHub verified it.
 */
export const method: RedirectMethod = {
  kind: "redirect",
  name: "github",

  describe: () => "GitHub",

  async begin({ settings, upstreamScopes = [] }, selectAccount) {
    const { githubClientId: clientId } = readSettings({ settings });
    const verifier = generateRandomCodeVerifier();
    const challenge = await calculatePKCECodeChallenge(verifier);
    const asksMemberships = listNames(settings).length > 0;
    const scopes = ["read:user", "user:email", ...(asksMemberships ? ["read:org"] : [])];
    return {
      data: { verifier } satisfies z.infer<typeof started>,
      toUrl(state) {
        const url = new URL(server.authorization_endpoint ?? "");
        url.search = new URLSearchParams({
          response_type: "code",
          client_id: clientId,
          redirect_uri: toCallbackUrl(settings),
          scope: [...new Set([...scopes, ...upstreamScopes])].join(" "),
          state,
          code_challenge: challenge,
          code_challenge_method: "S256",
          // Whoever runs this server adds people; a stranger need not become a user of GitHub.
          allow_signup: "false",
          ...(selectAccount && { prompt: "select_account" }),
        }).toString();
        return url;
      },
    };
  },

  async finish(context, callback, data) {
    try {
      const { verifier } = started.parse(data);
      const upstream = readClient(context);
      const redirectUri = toCallbackUrl(context.settings);
      const response = await redeemCode(upstream, callback, redirectUri, verifier);
      const tokens = await processAuthorizationCodeResponse(server, upstream.client, response);
      const token = tokens.access_token;
      const user = await readUser(token);
      const { settings } = context;
      const [email, memberships] = await Promise.all([
        readPrimaryEmail(token),
        findMemberships(token, user.login, listNames(settings)),
      ]);
      const { allowed } = settings;
      const organizations = memberships.filter((name) => allowed.organizations.includes(name));
      const hasGroups = listGroupNames(settings).length > 0;
      const identity = {
        method: "github",
        issuer: "github",
        subject: String(user.id),
        name: user.login,
        ...(email !== undefined && { email, isEmailVerified: true }),
        ...(organizations.length > 0 && { organizations }),
        ...(hasGroups && { groups: pickGroups(settings, memberships) }),
      };
      return context.upstreamScopes === undefined
        ? { identity }
        : { identity, tokens: keepTokens(tokens) };
    } catch (error) {
      throw toUpstreamError(error);
    }
  },

  /** A token of an OAuth app has no end, so GitHub is asked whether it is still valid. */
  async refresh(context, kept): Promise<UpstreamRenewal> {
    const { refreshToken } = kept;
    try {
      const tokens =
        refreshToken === undefined
          ? kept
          : (await renewTokens(readClient(context), refreshToken)).tokens;
      const names = listGroupNames(context.settings);
      if (refreshToken !== undefined && names.length === 0) return { tokens };
      const ask = async () => {
        const user = await findUser(tokens.accessToken);
        if (user === undefined) {
          throw new UpstreamError("revoked", "GitHub no longer knows the token");
        }
        return names.length === 0
          ? {}
          : { groups: await findMemberships(tokens.accessToken, user.login, names) };
      };
      if (refreshToken !== undefined) return await askRenewed("github", tokens, ask);
      return { tokens, ...(await ask()) };
    } catch (error) {
      throw toUpstreamError(error);
    }
  },
};

function readSettings({ settings: { identity } }: Pick<IdentityContext, "settings">) {
  if (identity.method !== "github") throw new Error(`The identity method is ${identity.method}.`);
  return identity;
}

/** Organisations and teams that GitHub is asked about. */
function listNames(settings: IdentityContext["settings"]): string[] {
  return [...new Set([...settings.allowed.organizations, ...listGroupNames(settings)])];
}

function readClient(context: IdentityContext): UpstreamClient {
  const { GITHUB_CLIENT_SECRET: secret = "" } = context.env;
  if (secret === "") throw new UpstreamError("invalid", "GITHUB_CLIENT_SECRET is not set");
  const client: Client = { client_id: readSettings(context).githubClientId };
  return { server, client, authentication: ClientSecretPost(secret), options: tokenOptions };
}

function hasError(text: string): boolean {
  try {
    return z.looseObject({ error: z.string() }).safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
