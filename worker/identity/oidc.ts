import {
  type AuthorizationServer,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  calculatePKCECodeChallenge,
  clockTolerance,
  generateRandomCodeVerifier,
  generateRandomNonce,
  getValidatedIdTokenClaims,
  processAuthorizationCodeResponse,
  processUserInfoResponse,
  skipSubjectCheck,
  type TokenEndpointResponse,
  userInfoRequest,
} from "oauth4webapi";
import * as z from "zod";
import type { WorkerSettings } from "../env.ts";
import { toCallbackUrl } from "./callback-url.ts";
import { httpsUrl, type MethodDeclaration, usual } from "./declaration.ts";
import type {
  Identity,
  IdentityContext,
  RedirectMethod,
  Subject,
  UpstreamRenewal,
} from "./identity.ts";
import { UpstreamError } from "./identity.ts";
import { readEmail, readName } from "./oidc-claims.ts";
import { checkSignature, discover, upstreamOptions } from "./provider.ts";
import { listGroupNames, pickGroups } from "./scope-limit.ts";
import { askRenewed, toUpstreamError } from "./upstream-errors.ts";
import { keepTokens, redeemCode, renewTokens, type UpstreamClient } from "./upstream-tokens.ts";

/** OpenID Connect Discovery 1.0 section 2: an issuer has no query and no fragment. */
const issuerUrl = httpsUrl.refine((text) => {
  const { username, password } = URL.canParse(text) ? new URL(text) : {};
  const isPlain = !username && !password && !/[?#]/.test(text);
  return isPlain && !text.includes("/.well-known/");
}, 'must have no user, no ?, no # and no /.well-known/: take what the provider\'s discovery document calls "issuer"');

export const declaration = {
  ...usual,
  settings: {
    oidcIssuer: issuerUrl.meta({
      description: "Issuer of the OpenID provider, for the identity method oidc.",
      example: "https://accounts.google.com",
    }),
    oidcClientId: z.string().min(1).meta({
      description: "Client id at the OpenID provider, for the identity method oidc.",
      example: "1234.apps.googleusercontent.com",
    }),
    oidcGroupsClaim: z.string().min(1).optional().meta({
      description:
        "Claim of the OpenID provider that names a person's groups, for scopesByGroup. Default: groups.",
      example: "https://example.com/groups",
    }),
  },
  secrets: {
    oidcClientSecret: {
      binding: "OIDC_CLIENT_SECRET",
      description: "Client secret at the OpenID provider, for the identity method oidc.",
      isNeeded: true,
    },
  },
} as const satisfies MethodDeclaration;

/** Seconds by which the clocks of the provider and of Cloudflare may differ. */
const clockDifference = 30;

/** Longest subject (OpenID Connect Core section 2). */
const longestSubject = 255;

type Tokens = TokenEndpointResponse;

/** What is kept while the person is at the provider. */
const started = z.object({ verifier: z.string(), nonce: z.string() });

/** Names of well-known providers. Others are named by their host. */
const knownProviders: Readonly<Record<string, string>> = {
  "accounts.google.com": "Google",
  "login.microsoftonline.com": "Microsoft",
};

/**
 * Any OpenID provider, by discovery: code flow with PKCE (S256) and nonce, ID token checked for
 * signature, `iss`, `aud`, `nonce` and `exp`. The person is `iss` and `sub`.
 */
export const method: RedirectMethod = {
  kind: "redirect",
  name: "oidc",

  findAuthority: (settings) => readSettings({ settings }).oidcIssuer,

  describe(settings) {
    const { host } = new URL(readSettings({ settings }).oidcIssuer);
    return knownProviders[host] ?? host;
  },

  begin: (context, selectAccount) =>
    explain(async () => {
      const { settings, upstreamScopes } = context;
      const { oidcIssuer, oidcClientId: clientId } = readSettings(context);
      const server = await discover(oidcIssuer);
      const { authorization_endpoint: endpoint } = server;
      if (endpoint?.startsWith("https:") !== true) {
        throw new UpstreamError("invalid", "the provider has no https authorization_endpoint");
      }
      const verifier = generateRandomCodeVerifier();
      const nonce = generateRandomNonce();
      const challenge = await calculatePKCECodeChallenge(verifier);
      const prompt = choosePrompts(server, selectAccount, upstreamScopes !== undefined);
      return {
        data: { verifier, nonce } satisfies z.infer<typeof started>,
        toUrl(state) {
          const url = new URL(endpoint);
          const parameters = {
            response_type: "code",
            client_id: clientId,
            redirect_uri: toCallbackUrl(settings),
            scope: chooseScopes(server, context).join(" "),
            state,
            nonce,
            code_challenge: challenge,
            code_challenge_method: "S256",
            ...(prompt !== "" && { prompt }),
            // Google's own word for a refresh token; others ignore it (RFC 6749 section 3.1).
            ...(upstreamScopes !== undefined && { access_type: "offline" }),
          };
          for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
          return url;
        },
      };
    }),

  finish: (context, callback, data) =>
    explain(async () => {
      const { verifier, nonce } = started.parse(data);
      const upstream = await reachProvider(context);
      const { server, client } = upstream;
      const { settings } = context;
      const redirectUri = toCallbackUrl(settings);
      const response = await redeemCode(upstream, callback, redirectUri, verifier);
      const tokens = await processAuthorizationCodeResponse(server, client, response, {
        expectedNonce: nonce,
        requireIdToken: true,
      });
      await checkSignature(server, response);
      const identity = await readIdentity(upstream, tokens, settings);
      return context.upstreamScopes === undefined
        ? { identity }
        : { identity, tokens: keepTokens(tokens) };
    }),

  refresh: (context, kept) =>
    explain(async () => {
      const { refreshToken } = kept;
      if (refreshToken === undefined) return { tokens: kept };
      const upstream = await reachProvider(context);
      const { tokens, response } = await renewTokens(upstream, refreshToken);
      const claims = getValidatedIdTokenClaims(response);
      const renewal = await askRenewed("oidc", tokens, () =>
        findGroups(upstream, response, context.settings),
      );
      // Known even when the groups are not.
      return { ...renewal, ...(claims && { owner: toSubject(claims.iss, claims.sub) }) };
    }),
};

async function explain<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toUpstreamError(error);
  }
}

function readSettings({
  settings: { identity },
}: {
  readonly settings: Pick<WorkerSettings, "identity">;
}) {
  if (identity.method !== "oidc") throw new Error(`The identity method is ${identity.method}.`);
  return identity;
}

async function reachProvider(context: IdentityContext): Promise<UpstreamClient> {
  const { oidcIssuer, oidcClientId: clientId } = readSettings(context);
  const server = await discover(oidcIssuer);
  const client: Client = { client_id: clientId, [clockTolerance]: clockDifference };
  const authentication = chooseAuthentication(server, context.env);
  return { server, client, authentication, options: upstreamOptions };
}

/**
 * `client_secret_post` if the provider takes it: several do not decode what RFC 6749 section 2.3.1
 * encodes for the header. The default of the metadata is `client_secret_basic`.
 */
function chooseAuthentication(
  { token_endpoint_auth_methods_supported: methods = ["client_secret_basic"] }: AuthorizationServer,
  { OIDC_CLIENT_SECRET: secret = "" }: IdentityContext["env"],
): ClientAuth {
  if (secret === "") throw new UpstreamError("invalid", "OIDC_CLIENT_SECRET is not set");
  if (methods.includes("client_secret_post")) return ClientSecretPost(secret);
  if (methods.includes("client_secret_basic")) return ClientSecretBasic(secret);
  throw new UpstreamError("invalid", "the provider takes no client secret");
}

/**
 * With scopes that tools need comes a refresh token (OpenID Connect Core section 11). Some providers, like
 * Okta, name groups only to clients that ask for the scope `groups`.
 */
function chooseScopes(
  { scopes_supported: supported = [] }: AuthorizationServer,
  { settings, upstreamScopes: scopes }: IdentityContext,
): string[] {
  const wanted = [
    ...(listGroupNames(settings).length > 0 ? ["groups"] : []),
    ...(scopes === undefined ? [] : ["offline_access"]),
  ];
  const known = wanted.filter((scope) => supported.includes(scope));
  return [...new Set(["openid", "email", ...(scopes ?? []), ...known])];
}

/** `login` does for a provider that says it has no choice of accounts, as Keycloak does. */
function choosePrompts(
  { prompt_values_supported: supported }: AuthorizationServer,
  selectAccount: boolean,
  needsTokens: boolean,
): string {
  const hasChoice = !Array.isArray(supported) || supported.includes("select_account");
  const prompts = [
    ...(selectAccount ? [hasChoice ? "select_account" : "login"] : []),
    // Without it a provider may leave out the refresh token.
    ...(needsTokens ? ["consent"] : []),
  ];
  return prompts.join(" ");
}

async function readIdentity(
  upstream: UpstreamClient,
  tokens: Tokens,
  settings: WorkerSettings,
): Promise<Identity> {
  const claims = getValidatedIdTokenClaims(tokens);
  if (claims === undefined || claims.sub === "" || claims.sub.length > longestSubject) {
    throw new UpstreamError("invalid", "the ID token names nobody");
  }
  const { iss: issuer, sub: subject } = claims;
  let email = readEmail(issuer, claims);
  let groups = claims[chooseClaim(settings)];
  const wantsGroups = listGroupNames(settings).length > 0;
  const isLacking = email.email === undefined || (wantsGroups && groups === undefined);
  if (isLacking && upstream.server.userinfo_endpoint !== undefined) {
    const info = await readUserInfo(upstream, tokens, subject);
    if (email.email === undefined) email = readEmail(issuer, info);
    groups ??= info[chooseClaim(settings)];
  }
  return {
    method: "oidc",
    issuer,
    subject,
    ...email,
    ...readName(claims),
    ...(wantsGroups && { groups: pickGroups(settings, groups) }),
  };
}

/**
 * The groups that a refresh shows: of its ID token, else of userinfo, which says whose they are. A provider that
 * answers and names none says that there are none.
 * @returns nothing if nobody wants to know, or the answer has neither.
 */
async function findGroups(
  upstream: UpstreamClient,
  tokens: Tokens,
  settings: WorkerSettings,
): Promise<Pick<UpstreamRenewal, "groups" | "owner">> {
  if (listGroupNames(settings).length === 0) return {};
  const claims = getValidatedIdTokenClaims(tokens);
  const claim = chooseClaim(settings);
  const hasUserInfo = upstream.server.userinfo_endpoint !== undefined;
  if (claims?.[claim] !== undefined || !hasUserInfo) {
    return claims === undefined ? {} : { groups: pickGroups(settings, claims[claim]) };
  }
  // Without an ID token there is none to compare it with here: whoever asked for the refresh does.
  const info = await readUserInfo(upstream, tokens, claims?.sub ?? skipSubjectCheck);
  const owner = toSubject(upstream.server.issuer, info.sub);
  return { groups: pickGroups(settings, info[claim]), owner };
}

function toSubject(issuer: string, subject: string): Subject {
  return { method: "oidc", issuer, subject };
}

/** Compares the subject, so that an answer about somebody else is refused. */
async function readUserInfo(
  { server, client }: UpstreamClient,
  { access_token: token }: Tokens,
  subject: string | typeof skipSubjectCheck,
) {
  const response = await userInfoRequest(server, client, token, upstreamOptions);
  return processUserInfoResponse(server, client, subject, response);
}

function chooseClaim(settings: WorkerSettings): string {
  return readSettings({ settings }).oidcGroupsClaim ?? "groups";
}
