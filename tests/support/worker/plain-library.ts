/** The OAuth library alone with the simplest consent there is: everybody, everything, no page. */
import { OAuthProvider } from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../../worker/env.ts";
import { answerCounts, countKv } from "./count-kv.ts";

export {
  McpSession,
  PersonState,
  PurgeRun,
  Throttle,
  TokenGate,
  Transaction,
} from "../../fixture/worker.ts";

let provider: OAuthProvider<WorkerEnv> | undefined;

function getProvider(origin: string): OAuthProvider<WorkerEnv> {
  provider ??= new OAuthProvider<WorkerEnv>({
    apiRoute: "/mcp",
    apiHandler: { fetch: async () => new Response("called") } as never,
    authorizeEndpoint: "/authorize",
    tokenEndpoint: "/token",
    clientRegistrationEndpoint: "/register",
    resourceMetadata: { resource: `${origin}/mcp` },
    refreshTokenTTL: 86_400,
    defaultHandler: {
      async fetch(request: Request, env: WorkerEnv & { readonly OAUTH_PROVIDER: never }) {
        const oauth = getHelpers(env);
        const authRequest = await oauth.parseAuthRequest(request);
        const { redirectTo } = await oauth.completeAuthorization({
          request: authRequest,
          userId: "ada-ada-ada-ada-ada-22",
          metadata: {},
          scope: authRequest.scope,
          props: {},
        });
        return Response.redirect(redirectTo, 303);
      },
    } as never,
  });
  return provider;
}

function getHelpers(env: object) {
  return (env as { OAUTH_PROVIDER: import("@cloudflare/workers-oauth-provider").OAuthHelpers })
    .OAUTH_PROVIDER;
}

export default {
  async fetch(request: Request, env: WorkerEnv, ctx: ExecutionContext): Promise<Response> {
    const { origin } = env.SETTINGS;
    return (
      answerCounts(request) ??
      (await getProvider(origin).fetch(request, countKv(env), ctx as never))
    );
  },
};
