import type { Icon, ScopeChallengeHandler, ServerContext } from "@modelcontextprotocol/server";
import { ProtocolError, ProtocolErrorCode, requireScopes } from "@modelcontextprotocol/server";
import type { WorkerSettings } from "../env.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { ToolError } from "../kit/tool-error.ts";
import { logFailure } from "../log.ts";
import { findMissingScopes } from "./scopes.ts";

/** `_meta` of what needs a scope. The key is that of the scope; the other is read by ChatGPT. */
export interface ScopeMeta {
  readonly [name: string]: unknown;
  readonly "remote-mcp-server/scope": string;
  readonly securitySchemes: readonly SecurityScheme[];
}

/** How ChatGPT learns, before a call, what a tool needs (OpenAI Apps SDK, "Authentication"). */
export interface SecurityScheme {
  readonly type: "oauth2";
  readonly scopes: readonly string[];
}

/** What a client reads of the scope that something needs. */
export function toScopeMeta(scope: string): ScopeMeta {
  return { "remote-mcp-server/scope": scope, securitySchemes: toSecuritySchemes(scope) };
}

/** See `SecurityScheme`. */
export function toSecuritySchemes(scope: string): SecurityScheme[] {
  return [{ type: "oauth2", scopes: [scope] }];
}

/** Answers 403 `insufficient_scope` before the call, with all that the client is to ask for. */
export function challengeScope(catalogue: ScopeCatalogue, scope: string): ScopeChallengeHandler {
  return ({ authInfo, request }) => {
    if (authInfo === undefined) return undefined;
    const missing = findMissingScopes(catalogue, authInfo.scopes, scope);
    return missing && requireScopes(...missing)({ authInfo, request });
  };
}

/**
 * The same once more where the work begins, so that nothing runs if a challenge was gone around.
 * @throws ProtocolError that names what the client is to ask for.
 */
export function requireScope(
  catalogue: ScopeCatalogue,
  scope: string,
  { http }: ServerContext,
): void {
  const missing = findMissingScopes(catalogue, http?.authInfo?.scopes ?? [], scope);
  if (missing === undefined) return;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `This needs the scope ${scope}. Connect again and allow it.`,
    { scope: missing.join(" ") },
  );
}

/**
 * Runs the work of a resource or a prompt. What is wrong with the request is said to the client; of
 * anything else it learns no more than that it failed, and the log has it.
 * @throws ProtocolError
 */
export async function guard<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    if (error instanceof ToolError) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, error.message);
    }
    logFailure("call-failure", error, { name });
    throw new ProtocolError(
      ProtocolErrorCode.InternalError,
      `${name} failed on the server. Try again later.`,
    );
  }
}

/** The server's picture, which everything without one of its own has. */
export function listServerIcons({ origin, server }: WorkerSettings): Icon[] {
  if (server.icon !== undefined) return [{ src: server.icon }];
  return [{ src: `${origin}/favicon.svg`, mimeType: "image/svg+xml", sizes: ["any"] }];
}
