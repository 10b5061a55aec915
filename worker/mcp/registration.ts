import type { Icon, ScopeChallengeHandler, ServerContext } from "@modelcontextprotocol/server";
import { ProtocolError, ProtocolErrorCode, requireScopes } from "@modelcontextprotocol/server";
import type { WorkerSettings } from "../env.ts";
import { findMostScopes, type LimitedPerson } from "../identity/scope-limit.ts";
import type { ScopeCatalogue } from "../kit/define-scopes.ts";
import { ToolError } from "../kit/tool-error.ts";
import { logFailure } from "../log.ts";
import { findMissingScopes, isGranted } from "./scopes.ts";

/** `_meta` of a feature that needs a scope. The key is that of the scope; the other is read by ChatGPT. */
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

/** What a client reads about the scope that something needs. */
export function toScopeMeta(scope: string): ScopeMeta {
  return { "remote-mcp-server/scope": scope, securitySchemes: toSecuritySchemes(scope) };
}

/** See `SecurityScheme`. */
export function toSecuritySchemes(scope: string): SecurityScheme[] {
  return [{ type: "oauth2", scopes: [scope] }];
}

interface Limits {
  readonly scopes: ScopeCatalogue;
  readonly settings: Pick<WorkerSettings, "scopesByGroup" | "enterprise">;
}

/**
 * Answers 403 `insufficient_scope` before the call, with everything that the client should ask for. Not if
 * the person may not have the scope: the client would ask again and again, and the call says it in words.
 */
export function challengeScope(limits: Limits, scope: string): ScopeChallengeHandler {
  return ({ authInfo, request }) => {
    if (authInfo === undefined || !mayHave(limits, authInfo.extra?.props, scope)) return undefined;
    const missing = findMissingScopes(limits.scopes, authInfo.scopes, scope);
    return missing && requireScopes(...missing)({ authInfo, request });
  };
}

/** Whether the person may have a scope at all, as far as their groups were known when they signed in. */
export function mayHave({ scopes, settings }: Limits, props: unknown, scope: string): boolean {
  const most = findMostScopes((props ?? {}) as LimitedPerson, settings);
  return most === undefined || isGranted(scopes, most, scope);
}

/** What a caller who lacks a scope is told. @param props of the token. */
export function explainScope(limits: Limits, props: unknown, scope: string): string {
  return mayHave(limits, props, scope)
    ? `This needs the scope ${scope}. Connect again and allow it.`
    : `This needs the scope ${scope}, which this account may not have. Whoever runs the server decides which groups may; after a change, connect again.`;
}

/**
 * The same check again where the work begins, so that nothing runs if somebody got past the challenge.
 * @throws ProtocolError that names what the client should ask for.
 */
export function requireScope(limits: Limits, scope: string, { http }: ServerContext): void {
  const missing = findMissingScopes(limits.scopes, http?.authInfo?.scopes ?? [], scope);
  if (missing === undefined) return;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    explainScope(limits, http?.authInfo?.extra?.props, scope),
    { scope: missing.join(" ") },
  );
}

/**
 * Runs the work of a resource or a prompt. The client is told what is wrong with its request. Of any
 * other error it only learns that the work failed; the log says why.
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

/** The server's icon, for everything without one of its own. */
export function listServerIcons({ origin, server }: WorkerSettings): Icon[] {
  if (server.icon !== undefined) return [{ src: server.icon }];
  return [{ src: `${origin}/favicon.svg`, mimeType: "image/svg+xml", sizes: ["any"] }];
}
