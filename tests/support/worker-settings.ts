import type { Json } from "../../scripts/runtime/worker-spec.ts";
import type { WorkerSettings } from "../../worker/env.ts";

/** Settings of a Worker in a test: a development stack on localhost that takes every client. */
export const workerSettings: WorkerSettings = {
  origin: "http://localhost:8787",
  environment: "development",
  server: { name: "example", title: "Example", version: "0.0.0", instructions: "" },
  identity: { method: "demo" },
  allowed: { emails: [], domains: [], organizations: [] },
  allowedOrigins: [],
  tokens: { access: 3600, refreshIdle: 86_400, strictRevocation: false },
  clients: {
    metadataDocuments: true,
    domains: [],
    registration: true,
    registrationsPerDay: 1000,
    preRegistered: [],
  },
  people: { dataLimit: 1_048_576, idleLifetime: 86_400 },
  hideUngrantedTools: false,
  tools: {},
};

/** The same stack, in which people may make tokens of 90 days at most. */
export const settingsWithTokens: WorkerSettings = {
  ...workerSettings,
  tokens: { ...workerSettings.tokens, personal: { mostDays: 90, signInDays: 30 } },
};

/** A rate limit that nobody reaches. */
const noLimit = { limit: async () => ({ success: true }) };

/** Its keys. */
const keys = {
  SUBJECT_KEY: "subject-key",
  SESSION_KEYS: "session-key",
  // The OAuth library wants 32 characters.
  CONSENT_KEYS: "consent-key-of-at-least-32-characters",
};

/**
 * The same as plain JSON, for the Durable Objects of a test's runtime. They serve every test, so they know what
 * any stack has.
 */
export const plainBindings = { ...keys, SETTINGS: settingsWithTokens as unknown as Json };

/** What the Worker is given beside its storage. */
export const workerBindings = {
  ...keys,
  SETTINGS: workerSettings,
  AUTHORIZE_LIMIT: noLimit,
  SIGN_IN_LIMIT: noLimit,
  TOKEN_LIMIT: noLimit,
  REGISTER_LIMIT: noLimit,
};
