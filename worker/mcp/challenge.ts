import {
  bearerAuthChallengeResponse,
  getOAuthProtectedResourceMetadataUrl,
  OAuthError,
  OAuthErrorCode,
  UriTemplate,
} from "@modelcontextprotocol/server";
import type { WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import type { Features } from "../kit/features.ts";
import type { Caller } from "./caller.ts";
import { findPrompt, findTool } from "./needed-features.ts";
import { mayHave } from "./registration.ts";
import { findMissingScopes } from "./scopes.ts";

/**
 * The step-up challenge (MCP 2026-07-28, authorization, "Scope Challenge Handling") that the SDK
 * does not give: for messages of the HTTP+SSE transport, and for `subscriptions/listen`.
 * @returns undefined if the caller may continue.
 */
export function refuseWithoutScope(
  catalogue: ScopeCatalogue,
  caller: Caller,
  scope: string,
): Response | undefined {
  const missing = findMissingScopes(catalogue, caller.scopes, scope);
  if (missing === undefined) return undefined;
  return bearerAuthChallengeResponse(
    new OAuthError(OAuthErrorCode.InsufficientScope, "Insufficient scope"),
    {
      requiredScopes: missing,
      resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(new URL(caller.resource)),
    },
  );
}

/**
 * The step-up challenge for a message, before anything is created that could answer it.
 * @returns undefined if the caller may continue, or may never have the scope: then the call says so in
 * words.
 */
export function challengeMessage(
  { features, settings }: { features: Features; settings: Pick<WorkerSettings, "scopesByGroup"> },
  caller: Caller,
  message: unknown,
): Response | undefined {
  const { scopes } = features;
  const scope = findNeededScope(features, message);
  const canAsk = scope !== undefined && mayHave({ scopes, settings }, caller.person, scope);
  return canAsk ? refuseWithoutScope(scopes, caller, scope) : undefined;
}

/** Makes a client sign in again if another program made its grant. */
export function refuseForeignGrant(resource: string): Response {
  return bearerAuthChallengeResponse(
    new OAuthError(OAuthErrorCode.InvalidToken, "Another program made this grant"),
    { resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(new URL(resource)) },
  );
}

/** The scope that a message needs; undefined if it needs none, or names nothing that this server has. */
function findNeededScope(features: Features, message: unknown): string | undefined {
  const { method, params: given } = (message ?? {}) as Partial<Message>;
  const params = given ?? {};
  switch (method) {
    case "tools/call":
      return findTool(features, params.name)?.scope;
    case "prompts/get":
      return findPrompt(features, params.name)?.scope;
    case "resources/read":
    case "resources/subscribe":
      return features.resources.find((resource) => isUriOf(resource, params.uri))?.scope;
    default:
      return undefined;
  }
}

interface Message {
  readonly method: string;
  readonly params: { readonly name?: unknown; readonly uri?: unknown } | null;
}

function isUriOf(resource: Features["resources"][number], uri: unknown): boolean {
  if (typeof uri !== "string" || !URL.canParse(uri)) return false;
  // As the SDK reads it: `DEMO://notes` is `demo://notes`, and needs the same scope.
  const { href } = new URL(uri);
  if ("uri" in resource) return resource.uri === href;
  return new UriTemplate(resource.uriTemplate).match(href) !== null;
}
