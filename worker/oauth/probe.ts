import { AuthorizationError, CimdFetchError } from "@cloudflare/workers-oauth-provider";
import { isSameSecret } from "../constant-time.ts";
import { probeMethod } from "../identity/probe-method.ts";
import { deriveUserId } from "../identity/subject.ts";
import { logEvent } from "../log.ts";
import type { PersonProps } from "../mcp/caller.ts";
import { findProbeScope } from "../mcp/scopes.ts";
import { answerNotFound } from "../pages/not-found.ts";
import { oauthPaths } from "./authorization-server.ts";
import { explainClientId } from "./clients/client-id.ts";
import { type BrowserContext, readAuthRequest } from "./context.ts";
import { findPrivateClientId } from "./limits/guard-authorize.ts";
import { byAddress, isOverLimit, limitPeriod } from "./limits/limits.ts";

/**
 * `POST /probe?<authorization request>`: whoever has the stack's probe secret gets a code for that
 * request without a person, for one scope whose tools only read. `doctor` walks through a whole login with
 * it. Without the secret in the stack there is no such path.
 */
export async function handleProbe(context: BrowserContext): Promise<Response> {
  const { request, env, settings, features, oauth } = context;
  const { PROBE_SECRET: secret = "" } = env;
  if (secret === "") return answerNotFound(request, settings);
  if (request.method !== "POST") {
    return new Response("Use POST.", { status: 405, headers: { allow: "POST" } });
  }
  if (await isOverLimit(env, "SIGN_IN_LIMIT", byAddress(request))) {
    const problem = "Too many probes from this address. Try again in a minute.";
    return refuse(429, "temporarily_unavailable", problem, { "retry-after": String(limitPeriod) });
  }
  const given = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  if (!(await isSameSecret(given, secret))) {
    logEvent("probe", { outcome: "refused" });
    const problem = "The probe secret is missing or wrong.";
    return refuse(401, "invalid_token", problem, { "www-authenticate": "Bearer" });
  }
  const privateClient = findPrivateClientId(context);
  if (privateClient !== undefined) {
    return refuse(400, "invalid_client", explainClientId(privateClient));
  }
  const probeScope = findProbeScope(features);
  if (probeScope === undefined) {
    const problem =
      "No scope of this server opens only tools that read, and a probe may do no more.";
    return refuse(400, "invalid_scope", problem);
  }
  const scope = [probeScope];
  try {
    // The library accepts a request only at its own endpoint.
    const asked = new URL(oauthPaths.authorize, settings.origin);
    asked.search = new URL(request.url).search;
    const authRequest = await readAuthRequest({ request: new Request(asked), oauth, features });
    const identity = { method: probeMethod, issuer: probeMethod, subject: probeMethod };
    const userId = await deriveUserId(env.SUBJECT_KEY, identity);
    const props: PersonProps = { userId, method: probeMethod };
    const { redirectTo } = await oauth.completeAuthorization({
      request: { ...authRequest, scope },
      userId,
      metadata: {},
      scope,
      props,
      // It soon ends by itself; the library would bypass the gates.
      revokeExistingGrants: false,
    });
    logEvent("probe", { outcome: "granted" });
    return answer(200, { redirect_to: redirectTo });
  } catch (error) {
    if (error instanceof AuthorizationError) return refuse(400, error.code, error.description);
    if (!(error instanceof CimdFetchError)) throw error;
    return refuse(400, "invalid_client", "The client's metadata document could not be read.");
  }
}

function refuse(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return answer(status, { error, error_description: description }, headers);
}

function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}) {
  return Response.json(body, { status, headers: { ...headers, "cache-control": "no-store" } });
}
