/**
 * Lets Node load the Worker's OAuth code. The OAuth library, and Durable Objects beside it, extend base
 * classes of `cloudflare:workers`, a module that only workerd has. Nothing that an operator calls makes
 * one, so empty classes do. Only this specifier is answered: anything else that Node lacks still fails.
 */
import { registerHooks } from "node:module";
import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import * as z from "zod";
import type { WorkerEnv, WorkerSettings } from "../../../worker/env.ts";
import type { DeployedStack } from "./deployed-stack.ts";

const specifier = "cloudflare:workers";
const source = "export class WorkerEntrypoint {} export class DurableObject {}";

/** What makes the authorization server, in the Worker and here. */
type CreateServer = (settings: WorkerSettings) => OAuthAuthorizationServer<WorkerEnv>;

const workerModule = z.object({
  createAuthorizationServer: z.custom<CreateServer>((value) => typeof value === "function"),
});

/**
 * Loads the Worker's own module. Its path is no literal: the compiler would follow it and check the
 * Worker's code with Node's types, where the Worker has its own.
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
