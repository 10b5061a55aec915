import type { WorkerSettings } from "../../../worker/env.ts";
import type { DeployedStack } from "./stack.ts";

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
