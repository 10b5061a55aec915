import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import { OAuthResourceServer } from "@cloudflare/workers-oauth-provider";
import { largestConsent } from "./body.ts";
import type { WorkerEnv, WorkerSettings } from "./env.ts";
import { listGroupNames } from "./identity/scope-limit.ts";
import type { Features } from "./kit/features.ts";
import { listUpstreamScopes } from "./kit/needs.ts";
import type { PersonProps } from "./mcp/caller.ts";
import {
  createSse,
  createStreamableHttp,
  type ProtectedHandler,
  refuseRequest,
} from "./mcp/endpoints.ts";
import { largestMessage } from "./mcp/message-bounds.ts";
import { listBaseScopes, listScopes } from "./mcp/scopes.ts";
import {
  createAuthorizationServer,
  metadataPath,
  oauthPaths,
  resourcePaths,
} from "./oauth/authorization-server.ts";
import { handleAuthorize } from "./oauth/authorize/authorize.ts";
import { handleCallback } from "./oauth/authorize/callback.ts";
import { withRecentClients } from "./oauth/clients/recent-clients.ts";
import { refuseWith } from "./oauth/clients/refuse-client.ts";
import { handleRegister } from "./oauth/clients/register.ts";
import { readCredentials } from "./oauth/clients/token-credentials.ts";
import { connectionsPath, handleConnections } from "./oauth/connections.ts";
import type { BrowserContext } from "./oauth/context.ts";
import { withoutEmptyParameters } from "./oauth/empty-parameters.ts";
import { answerFurtherGrant, checkFurtherToken } from "./oauth/further-grants.ts";
import { checkPatiently } from "./oauth/gate/check-token.ts";
import { answerTokenRequest } from "./oauth/gate/gates.ts";
import { toLoginEnv, toTokenEnv } from "./oauth/gate/store.ts";
import { guardAuthorize } from "./oauth/limits/guard-authorize.ts";
import { guardToken } from "./oauth/limits/guard-token.ts";
import { managePath, manageScopes } from "./oauth/personal-tokens/manage-scope.ts";
import { createManageHandler } from "./oauth/personal-tokens/way-in.ts";
import { handleProbe } from "./oauth/probe.ts";
import * as problems from "./oauth/problems.ts";
import { readOnce } from "./oauth/read-once.ts";
import { showProblem } from "./oauth/show-problem.ts";
import { withTransactions } from "./oauth/transactions/store.ts";
import { serveAsset } from "./pages/assets.ts";
import { explainEndpoint } from "./pages/explain-endpoint.ts";
import { HomePage } from "./pages/home.tsx";
import { answerNotFound } from "./pages/not-found.ts";
import { renderPage } from "./pages/render.ts";
import type { Call, Refusal, Route } from "./route.ts";

/** The Worker with its settings: built once in an isolate. */
export interface App {
  readonly authorizationServer: OAuthAuthorizationServer<WorkerEnv>;
  readonly paths: readonly string[];
  /** Which handler owns a path. */
  route(pathname: string): Route;
}

/** Puts the Worker together. @param icon the server's own drawing, as `drawIcon` takes it. */
export function createApp(settings: WorkerSettings, features: Features, icon?: string): App {
  const authorizationServer = createAuthorizationServer(settings, features);
  const { scopes } = features;
  const { personal } = settings.tokens;
  const protect = (
    path: string,
    handler: ProtectedHandler,
    requiredScopes = listBaseScopes(scopes),
  ): Route => {
    const server = new OAuthResourceServer<WorkerEnv, PersonProps>({
      resourceMetadata: {
        resource: `${settings.origin}${path}`,
        authorization_servers: [settings.origin],
        resource_name: settings.server.title,
      },
      requiredScopes,
      validateToken: (env, request) => {
        // One for both tries: an unknown token counts once.
        const tokenEnv = toTokenEnv(env, request);
        return (resource, token) =>
          checkPatiently(
            async () =>
              checkFurtherToken({ env, settings, scopes }, resource, token) ??
              authorizationServer.validateToken<PersonProps>(resource, token, tokenEnv),
          );
      },
      handler,
    });
    return {
      name: path,
      largestBody: largestMessage,
      boundsBody: handler.boundsBody ?? false,
      refuse: refuseRequest,
      async answer({ request, url, env, ctx }) {
        const response = await server.fetch(request, env, ctx);
        if (url.pathname !== path) return response;
        return explainEndpoint(response, { request, settings, path });
      },
    };
  };
  const mcp = protect(
    resourcePaths.mcp,
    createStreamableHttp({ features, settings, route: resourcePaths.mcp }),
  );
  const sse = protect(
    resourcePaths.sse,
    createSse({ features, settings, route: resourcePaths.sse }),
  );
  const manage =
    personal &&
    protect(managePath, createManageHandler({ features, settings }), listScopes(manageScopes));
  const oauth: Route = {
    name: "oauth",
    answer: ({ request, env, ctx }) => authorizationServer.fetch(request, env, ctx),
  };
  const upstreamScopes = listUpstreamScopes(features.tools) ?? keepTokensForGroups(settings);
  const toBrowserContext = ({ request, env, ctx }: Call): BrowserContext => {
    const oauth = authorizationServer.getOAuthApi(
      readOnce(withTransactions(toLoginEnv(withRecentClients(env))), request),
    );
    return { request, env, ctx, settings, features, oauth, upstreamScopes };
  };
  const refusePage = (_request: Request, { status, text }: Refusal) =>
    showProblem({ settings }, { problem: problems.explainRefusal(text), status });
  const assetsOrNothing: Route = {
    name: "other",
    answer: ({ request, url }) =>
      serveAsset(url.pathname, request, settings, icon) ?? answerNotFound(request, settings),
  };
  const routes: Record<string, Route> = {
    "/": {
      name: "/",
      answer: ({ request, env }) =>
        onlyRead(request) ??
        renderPage(
          HomePage({ settings, features, hasOnePassword: env.DEMO_PASSWORD !== undefined }),
        ),
    },
    [oauthPaths.authorize]: {
      name: oauthPaths.authorize,
      largestBody: largestConsent,
      refuse: refusePage,
      answer: async (call) => {
        const request = withoutEmptyParameters(call.request);
        const context = toBrowserContext({ ...call, request });
        return (await guardAuthorize(context)) ?? handleAuthorize(context);
      },
    },
    [oauthPaths.callback]: {
      name: oauthPaths.callback,
      refuse: refusePage,
      answer: (call) => handleCallback(toBrowserContext(call)),
    },
    [connectionsPath]: {
      name: connectionsPath,
      refuse: refusePage,
      answer: async (call) => {
        const context = toBrowserContext(call);
        return (await guardAuthorize(context)) ?? handleConnections(context);
      },
    },
    [oauthPaths.token]: {
      name: oauthPaths.token,
      boundsBody: true,
      refuse: refuseWith("invalid_request"),
      answer: (call) =>
        guardToken(
          { ...call, settings },
          readCredentials(
            (request, form) =>
              answerFurtherGrant({
                ...call,
                request,
                form,
                settings,
                scopes,
                server: authorizationServer,
              }) ??
              answerTokenRequest(request, form, call.env, (formed) =>
                authorizationServer.fetch(formed, call.env, call.ctx),
              ),
          ),
        ),
    },
    [oauthPaths.probe]: {
      name: oauthPaths.probe,
      answer: (call) => handleProbe(toBrowserContext(call)),
    },
    [oauthPaths.register]: {
      name: oauthPaths.register,
      boundsBody: true,
      refuse: refuseWith("invalid_client_metadata"),
      answer: (call) => handleRegister({ ...call, settings }),
    },
    [metadataPath]: { ...oauth, name: "/.well-known" },
    [`/.well-known/oauth-protected-resource${resourcePaths.mcp}`]: { ...mcp, name: "/.well-known" },
    [`/.well-known/oauth-protected-resource${resourcePaths.sse}`]: { ...sse, name: "/.well-known" },
    [resourcePaths.mcp]: mcp,
    [resourcePaths.sse]: sse,
    [`${resourcePaths.sse}/message`]: { ...sse, name: `${resourcePaths.sse}/message` },
    ...(manage && {
      [managePath]: manage,
      [`/.well-known/oauth-protected-resource${managePath}`]: { ...manage, name: "/.well-known" },
    }),
  };
  return {
    authorizationServer,
    paths: Object.keys(routes),
    route: (pathname) => (Object.hasOwn(routes, pathname) && routes[pathname]) || assetsOrNothing,
  };
}

/** With the upstream's token its groups can be asked for again at each refresh; no further scope is needed. */
function keepTokensForGroups(settings: WorkerSettings): string[] | undefined {
  return listGroupNames(settings).length > 0 ? [] : undefined;
}

function onlyRead({ method }: Request): Response | undefined {
  if (method === "GET" || method === "HEAD") return undefined;
  return new Response("Use GET.", { status: 405, headers: { allow: "GET, HEAD" } });
}
