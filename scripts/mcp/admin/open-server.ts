import { registerHooks } from "node:module";
import type {
  OAuthAuthorizationServer,
  OAuthHelpers,
  PurgeOptions,
  PurgeResult,
} from "@cloudflare/workers-oauth-provider";
import type { Command } from "commander";
import * as z from "zod";
import type { WorkerEnv, WorkerSettings } from "../../../worker/env.ts";
import type { AccountKv } from "./account-kv.ts";
import type { DeployedStack } from "./deployed-stack.ts";
import { PlannedKv } from "./planned-kv.ts";

/** A stack's authorization server, as an operator sees it from outside. */
export interface AdminServer {
  readonly stack: DeployedStack;
  readonly account: AccountKv;
  /** The store that the OAuth library reads; it only notes what is to be deleted. */
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
  // Loaded here: the SDK takes a while, which a help text or a mistyped option need not wait for.
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

export function toClientKey(clientId: string): string {
  return `client:${clientId}`;
}

/** The stack that `--stack` names, before or after the command of `admin`. Ends the command if none is named. */
export function findNamedStack(command: Command): string {
  const { stack } = command.optsWithGlobals<{ stack?: string }>();
  if (stack !== undefined) return stack;
  return command.error(
    "error: --stack: no stack is named. Name one, as in --stack prod; `npx pulumi stack ls` lists them.",
  );
}

/**
 * Opens the server of the stack that `--stack` names.
 * @throws UserError for a stack that cannot be read, or a token that may not do this.
 */
export async function openNamed(command: Command): Promise<AdminServer> {
  const stack = findNamedStack(command);
  // Loaded here: the settings' schema takes a while, which a help text need not wait for.
  const { readStack } = await import("./deployed-stack.ts");
  return openServer(await readStack(stack));
}

/** Replaces a module that only workerd has. The OAuth library, and Durable Objects beside it, extend its
 * base classes. Nothing that an operator calls makes one, so empty classes do. */
const specifier = "cloudflare:workers";
const source = "export class WorkerEntrypoint {} export class DurableObject {}";

/** Makes the authorization server, in the Worker and here. */
type CreateServer = (settings: WorkerSettings) => OAuthAuthorizationServer<WorkerEnv>;

const workerModule = z.object({
  createAuthorizationServer: z.custom<CreateServer>((value) => typeof value === "function"),
});

/**
 * Loads the Worker's own module. Only `cloudflare:workers` is answered for it: anything else that Node lacks
 * still fails. Its path is not a literal: the compiler would follow it and check the Worker's code, which has
 * types of its own, with Node's.
 */
export async function loadCreateServer(): Promise<CreateServer> {
  const hooks = registerHooks({
    resolve: (name, context, next) =>
      name === specifier ? { url: specifier, shortCircuit: true } : next(name, context),
    load: (url, context, next) =>
      url === specifier ? { format: "module", source, shortCircuit: true } : next(url, context),
  });
  // Or the library warns, as it loads, that metadata documents cannot be fetched safely. Here none is.
  Object.assign(globalThis, {
    Cloudflare: { compatibilityFlags: { global_fetch_strictly_public: true } },
  });
  try {
    const path: string = "../../../worker/oauth/authorization-server.ts";
    return workerModule.parse(await import(path)).createAuthorizationServer;
  } finally {
    Reflect.deleteProperty(globalThis, "Cloudflare");
    hooks.deregister();
  }
}

/**
 * Settings for the authorization server's administration. Only `origin` and `clients` matter to it;
 * nobody signs in and no token is made here, so the rest may be anything that is valid.
 */
export function toServerSettings({
  origin,
  preRegistered,
}: Pick<DeployedStack, "origin" | "preRegistered">): WorkerSettings {
  const hour = 3600;
  return {
    origin,
    environment: "production",
    server: { name: "admin", title: "admin", version: "0", instructions: "" },
    identity: { method: "demo" },
    allowed: { emails: [], domains: [], organizations: [] },
    allowedOrigins: [],
    tokens: { access: hour, refreshIdle: hour, strictRevocation: false },
    clients: {
      // Or it would fetch such a client's document from the client's host.
      metadataDocuments: false,
      domains: [],
      registration: false,
      registrationsPerDay: 1,
      preRegistered: preRegistered.map((client) => ({
        ...client,
        redirectUris: [...client.redirectUris],
      })),
    },
    people: { dataLimit: 1, idleLifetime: hour },
    hideUngrantedTools: false,
    tools: {},
  };
}
