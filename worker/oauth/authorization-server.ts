import {
  OAuthAuthorizationServer,
  type OAuthAuthorizationServerOptions,
  type PurgeOptions,
} from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext } from "@cloudflare/workers-types";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { callbackPath } from "../identity/callback-url.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { logEvent } from "../log.ts";
import { listScopes } from "../mcp/scopes.ts";
import { takeEitherSecret } from "./clients/either-secret.ts";
import { addKnownClients } from "./clients/known-clients.ts";
import { layerKv } from "./gate/kv-layer.ts";
import { personalClientId } from "./personal-tokens/client-id.ts";
import { endRecords } from "./personal-tokens/end-records.ts";
import { managePath, manageScope } from "./personal-tokens/manage-scope.ts";
import { listPublicFirst } from "./public-first.ts";
import { exchangeToken } from "./token-exchange.ts";

/** Paths of the authorization server. Clients without discovery guess exactly these. */
export const oauthPaths = {
  authorize: "/authorize",
  callback: callbackPath,
  token: "/token",
  register: "/register",
  /** Where `doctor` asks for a grant of its own; see `probe.ts`. */
  probe: "/probe",
} as const;

/** Path of the authorization server's metadata (RFC 8414). */
export const metadataPath = "/.well-known/oauth-authorization-server";

/** Paths of the two MCP endpoints, each an OAuth resource of its own (RFC 8707). */
export const resourcePaths = { mcp: "/mcp", sse: "/sse" } as const;

/** Options that only some callers have. */
export interface AuthorizationServerParts {
  /** Scopes for metadata and consent. Default: metadata names no scope. */
  readonly scopes?: ScopeCatalogue;
  /** Called for a valid registration before it is stored; may refuse it. */
  readonly onRegistration?: OAuthAuthorizationServerOptions<WorkerEnv>["clientRegistrationCallback"];
}

/**
 * The one authorization server of the origin: public and confidential clients, dynamic
 * registration (RFC 7591) and Client ID Metadata Documents, S256 only, rotating refresh tokens.
 */
export function createAuthorizationServer(
  settings: WorkerSettings,
  { scopes, onRegistration }: AuthorizationServerParts = {},
): OAuthAuthorizationServer<WorkerEnv> {
  const { origin, tokens, clients } = settings;
  const mcp = `${origin}${resourcePaths.mcp}`;
  const { legacyGrantResource } = tokens;
  return new AuthorizationServer(settings, {
    issuer: origin,
    authorizeEndpoint: `${origin}${oauthPaths.authorize}`,
    tokenEndpoint: `${origin}${oauthPaths.token}`,
    ...(clients.registration && {
      clientRegistrationEndpoint: `${origin}${oauthPaths.register}`,
    }),
    ...(onRegistration && { clientRegistrationCallback: onRegistration }),
    resources: [
      mcp,
      `${origin}${resourcePaths.sse}`,
      ...(tokens.personal === undefined ? [] : [`${origin}${managePath}`]),
    ],
    defaultResource: mcp,
    ...(legacyGrantResource !== undefined && {
      legacyGrantResource: `${origin}${resourcePaths[legacyGrantResource]}`,
    }),
    ...(scopes && {
      scopesSupported: [
        ...listScopes(scopes),
        ...(tokens.personal === undefined ? [] : [manageScope]),
      ],
    }),
    clientIdMetadataDocumentEnabled: clients.metadataDocuments,
    accessTokenTTL: tokens.access,
    // The first lifetime of a grant equals each later one: it ends when it lies idle.
    refreshTokenTTL: tokens.refreshIdle,
    refreshTokenIdleTTL: tokens.refreshIdle,
    tokenExchangeCallback: (options) => exchangeToken(options, settings),
    onError({ code, status, internal }) {
      const { category, reason } = internal;
      logEvent("oauth-error", { code, status, category, reason });
    },
  });
}

/** The servers of this isolate, by their settings and their catalogue. */
const shared = new WeakMap<
  WorkerSettings,
  WeakMap<ScopeCatalogue, OAuthAuthorizationServer<WorkerEnv>>
>();

/**
 * The authorization server that answers browsers, made once in an isolate: to make one checks dozens of addresses, and
 * a login needs three. It keeps nothing of a request; the bindings come with each.
 */
export function shareAuthorizationServer(
  settings: WorkerSettings,
  { scopes }: Required<Pick<AuthorizationServerParts, "scopes">>,
): OAuthAuthorizationServer<WorkerEnv> {
  const ofSettings = shared.get(settings) ?? new WeakMap();
  shared.set(settings, ofSettings);
  const server = ofSettings.get(scopes) ?? createAuthorizationServer(settings, { scopes });
  ofSettings.set(scopes, server);
  return server;
}

/** The library, which finds the settings' own clients wherever it looks for a client. */
class AuthorizationServer extends OAuthAuthorizationServer<WorkerEnv> {
  readonly #settings: WorkerSettings;

  constructor(
    settings: WorkerSettings,
    options: ConstructorParameters<typeof OAuthAuthorizationServer<WorkerEnv>>[0],
  ) {
    super(options);
    this.#settings = settings;
  }

  override async fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext) {
    const response = await super.fetch(request, this.#extend(env), ctx);
    const isMetadata = new URL(request.url).pathname === metadataPath;
    return isMetadata ? listPublicFirst(response, this.#settings) : response;
  }

  override getOAuthApi(env: WorkerEnv) {
    return super.getOAuthApi(this.#extend(env));
  }

  override purgeExpiredData(env: WorkerEnv, options?: PurgeOptions) {
    // The clean-up removes grants without a client, and a personal token has none.
    const OAUTH_KV = layerKv(this.#extend(env).OAUTH_KV, {
      get: async (key, below) => (key === `client:${personalClientId}` ? "{}" : below()),
    });
    return super.purgeExpiredData({ ...env, OAUTH_KV }, options);
  }

  #extend(env: WorkerEnv): WorkerEnv {
    const registered = takeEitherSecret(endRecords(env.OAUTH_KV));
    return { ...env, OAUTH_KV: addKnownClients(registered, this.#settings.clients) };
  }
}
