import type { OAuthHelpers, PurgeOptions, PurgeResult } from "@cloudflare/workers-oauth-provider";
import type { Command } from "commander";
import type { WorkerEnv } from "../../../worker/env.ts";
import type { AccountKv } from "./account-kv.ts";
import type { DeployedStack } from "./deployed-stack.ts";
import { toServerSettings } from "./load-authorization-server.ts";
import { PlannedKv } from "./planned-kv.ts";

/** A stack's authorization server, as an operator sees it from outside. */
export interface AdminServer {
  readonly stack: DeployedStack;
  readonly account: AccountKv;
  /** What the library reads, and notes as deleted. */
  readonly kv: PlannedKv;
  /** The library's helpers over `kv`. */
  readonly oauth: OAuthHelpers;
  /** The library's clean-up over `kv`, one batch. */
  purgeBatch(options: PurgeOptions): Promise<PurgeResult>;
}

/**
 * Opens the authorization server that the Worker runs, with its own code, over the stack's KV namespace.
 * Nothing is read yet.
 * @param onProgress is told how far a long list is. Default: the standard error.
 */
export async function openServer(
  stack: DeployedStack,
  onProgress: (line: string) => void = (line) => console.error(line),
): Promise<AdminServer> {
  // Loaded here: the SDK takes half a second, which a help text or a mistyped option need not wait for.
  const { loadCreateServer } = await import("./load-authorization-server.ts");
  const { createAccountKv } = await import("./create-account-kv.ts");
  const account = createAccountKv(stack);
  const kv = new PlannedKv(account, onProgress);
  const createServer = await loadCreateServer();
  const server = createServer(toServerSettings(stack));
  // Of all bindings the library uses this one, and of it what administration needs: list, get, delete.
  const env = { OAUTH_KV: kv } as unknown as WorkerEnv;
  return {
    stack,
    account,
    kv,
    oauth: server.getOAuthApi(env),
    purgeBatch: (options) => server.purgeExpiredData(env, options),
  };
}

/** Key of a client's record. */
export function toClientKey(clientId: string): string {
  return `client:${clientId}`;
}

/**
 * Opens the server of the stack that `--stack` names.
 * @throws UserError for a stack that cannot be read, or a token that may not do this.
 */
export async function openNamed(command: Command): Promise<AdminServer> {
  const { stack } = command.optsWithGlobals<{ stack?: string }>();
  if (stack === undefined) {
    command.error(
      "error: --stack: no stack is named. Name one, as in --stack prod; `npx pulumi stack ls` lists them.",
    );
  }
  // Loaded here: Pulumi's SDK takes a second.
  const { readStack } = await import("./deployed-stack.ts");
  return openServer(await readStack(stack));
}
