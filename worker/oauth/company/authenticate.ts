import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { ExecutionContext } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../../env.ts";
import { TokenRefusal } from "../assertions/refusal.ts";
import { readBasicCredentials } from "../clients/basic-credentials.ts";
import { listNamedClients } from "../clients/named-clients.ts";
import { askAsClient } from "../gate/replay.ts";
import type { MachineRequest } from "../machines/authenticate.ts";
import type { EnterpriseIssuer } from "./settings.ts";

/** A token request with a company's assertion. */
export interface CompanyRequest extends MachineRequest {
  readonly server: OAuthAuthorizationServer<WorkerEnv>;
  readonly ctx: ExecutionContext;
}

/** The client that sent the request. */
export interface AssertingClient {
  readonly clientId: string;
  /** As it calls itself. */
  readonly name: string | undefined;
}

/**
 * Finds out which client asks, however it says so. The OAuth library does that in the one request that issues
 * nothing and changes nothing: the revocation of a token that nobody has (RFC 7009 section 2.1).
 * @throws TokenRefusal if it is not who it says, or may not use this issuer's assertions.
 */
export async function authenticateClient(
  { request, form, env, server, ctx }: CompanyRequest,
  { clientIds, allowPublicClients }: EnterpriseIssuer,
): Promise<AssertingClient> {
  const [clientId, ...others] = new Set(listNamedClients(form, request.headers));
  if (clientId === undefined || others.length > 0) {
    const words =
      "Say which client asks, in one way: Authorization, client_id or client_assertion.";
    throw new TokenRefusal("invalid_client", "client_unnamed", words);
  }
  if (!clientIds.includes(clientId)) {
    const words =
      "This client may not come with assertions of this issuer. The setting enterpriseIssuers names those that may (clientIds).";
    throw new TokenRefusal("unauthorized_client", "client_not_meant", words);
  }
  const answer = await server.fetch(askAsClient(request, form, { token: "none" }), env, ctx);
  if (!answer.ok) {
    const { error = "invalid_client", error_description: words = "" } = (await answer.json()) as {
      readonly error?: string;
      readonly error_description?: string;
    };
    throw new TokenRefusal(error, "client_not_proven", words);
  }
  if (!hasCredential(request, form) && !allowPublicClients) {
    const words =
      "This client came without a secret and without a key, so anybody could be it. Let it use the one that it has, or register it with one; or set allowPublicClients of the issuer.";
    throw new TokenRefusal("invalid_client", "client_public", words);
  }
  const client = await server.getOAuthApi(env).lookupClient(clientId);
  return { clientId, name: client?.clientName };
}

/**
 * Whether a request that the library accepted has proven anything. The client's registration does not
 * tell: a metadata document may offer `none` beside a key, as ChatGPT's does.
 */
function hasCredential({ headers }: Request, form: URLSearchParams): boolean {
  // No other scheme: the library ignores it, and would see a public client.
  const hasBasic = readBasicCredentials(headers) !== undefined;
  return hasBasic || ["client_secret", "client_assertion"].some((name) => form.has(name));
}
