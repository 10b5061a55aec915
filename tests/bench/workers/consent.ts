/** The OAuth library with the simplest consent there is: everybody, everything, no page. */
import { OAuthProvider, type OAuthProviderOptions } from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext, KVNamespace } from "@cloudflare/workers-types";

/** What a contestant behind the OAuth library is given. */
export interface ConsentEnv {
  readonly OAUTH_KV: KVNamespace;
  /** Address of the server, as clients know it. */
  readonly ORIGIN: string;
}

type Options = OAuthProviderOptions<ConsentEnv>;

/** What is protected, and under which identifier (RFC 8707). */
export interface Protected {
  readonly handlers: object;
  /** Path of the resource identifier. */
  readonly path: string;
}

/** The library in front of handlers of MCP, made with the first request, as a careful user would. */
export function behindConsent({ handlers, path }: Protected) {
  let provider: OAuthProvider<ConsentEnv> | undefined;
  const make = ({ ORIGIN }: ConsentEnv) =>
    new OAuthProvider<ConsentEnv>({
      apiHandlers: handlers as NonNullable<Options["apiHandlers"]>,
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/token",
      clientRegistrationEndpoint: "/register",
      resourceMetadata: { resource: `${ORIGIN}${path}` },
      refreshTokenTTL: 86_400,
      defaultHandler: { fetch: approve } as unknown as Options["defaultHandler"],
    });
  return {
    fetch(request: Request, env: ConsentEnv, ctx: ExecutionContext): Promise<Response> {
      provider ??= make(env);
      return provider.fetch(request, env, ctx);
    },
  };
}

type Helpers = import("@cloudflare/workers-oauth-provider").OAuthHelpers;

async function approve(
  request: Request,
  env: ConsentEnv & { readonly OAUTH_PROVIDER: Helpers },
): Promise<Response> {
  if (new URL(request.url).pathname !== "/authorize") return new Response(null, { status: 404 });
  const asked = await env.OAUTH_PROVIDER.parseAuthRequest(request);
  const { redirectTo } = await env.OAUTH_PROVIDER.completeAuthorization({
    request: asked,
    userId: `person-${crypto.randomUUID()}`,
    metadata: {},
    scope: asked.scope,
    props: { email: "ada@example.com" },
  });
  return Response.redirect(redirectTo, 303);
}
