/**
 * What the Worker is given: its bindings, and the settings in the `SETTINGS` binding.
 * `infra/bindings.ts` is checked against `WorkerEnv` and `WorkerSettings` at compile time, so what one
 * side lacks is a type error.
 */
import type { DurableObjectNamespace, KVNamespace, RateLimit } from "@cloudflare/workers-types";
import * as z from "zod";

/** Identity methods this Worker has. Infra refuses any other with "not in this version". */
export const identityMethods = ["demo"] as const;

/**
 * Settings of a stack (`infra/settings.ts`) that this Worker does not read. Infra refuses them with
 * "not in this version"; whoever makes the Worker read one takes it off this list.
 */
export const missingSettings = [
  "allowedEmails",
  "allowedDomains",
  "allowedOrganizations",
  "demoPassword",
  "preRegisteredClients",
  "refreshTokenLifetime",
] as const;

/** Shortest lifetime of a token in seconds: Workers KV keeps no key for less. */
export const shortestTokenLifetime = 60;

const seconds = z.int().min(shortestTokenLifetime);

/** The plain settings of a stack, as one `json` binding. */
export const workerSettings = z.strictObject({
  /** Public base URL without a trailing slash; the OAuth issuer. `https://math.example.com`. */
  origin: z.string().regex(/^https?:\/\/[^/?#@]+$/),
  /** development, preview or production. */
  environment: z.enum(["development", "preview", "production"]),
  server: z.strictObject({
    /** Machine name, as in a client's configuration: `mcpServers.<name>`. */
    name: z.string().min(1),
    /** Name for people. */
    title: z.string().min(1),
    version: z.string().min(1),
    /** What the server tells a model about itself. */
    instructions: z.string(),
    /** Address of its icon. */
    icon: z.url().optional(),
  }),
  identity: z.strictObject({ method: z.enum(identityMethods) }),
  /** Hostnames whose browser pages may call the MCP endpoints, beside localhost and the origin's own. */
  allowedOrigins: z.array(z.string().min(1)),
  tokens: z.strictObject({
    /** Lifetime of an access token in seconds. */
    access: seconds,
    /** Seconds a grant may lie idle before its refresh token ends. */
    refreshIdle: seconds,
  }),
  clients: z.strictObject({
    /** Whether a client may identify itself by the URL of its metadata document. */
    metadataDocuments: z.boolean(),
    /** Whether a client may register itself (RFC 7591). */
    registration: z.boolean(),
  }),
  people: z.strictObject({
    /** Bytes that tools may keep for one person. */
    dataLimit: z.int().min(1),
    /** Seconds without use after which what is kept for a person is removed. */
    idleLifetime: z.int().min(60),
  }),
  /** Whether `tools/list` leaves out what the token does not allow. */
  hideUngrantedTools: z.boolean(),
  /** Plain settings that tools need, by name. */
  tools: z.record(z.string(), z.json()),
});

/** Settings as the Worker reads them. */
export type WorkerSettings = z.infer<typeof workerSettings>;

/** Every binding of the Worker. */
export interface WorkerEnv {
  /** The OAuth library's store: clients, grants, tokens. Its name is fixed by the library. */
  readonly OAUTH_KV: KVNamespace;
  /** One object a person: what tools keep for them. */
  readonly PEOPLE: DurableObjectNamespace;
  /** One object per open HTTP+SSE stream, and per session of a client that can be asked. */
  readonly SESSIONS: DurableObjectNamespace;
  /** The stack's plain settings. */
  readonly SETTINGS: WorkerSettings;
  /** Key of people's ids. Never rotates: people's data hangs on it. */
  readonly SUBJECT_KEY: string;
  /** Sign the cookie of a signed-in person, and what travels through a client; see `keys.ts`. */
  readonly SESSION_KEYS: string;
  /** Sign what a browser remembers of a consent, once this Worker remembers any; see `keys.ts`. */
  readonly CONSENT_KEYS: string;
  /** Bounds sign-in attempts per address. */
  readonly SIGN_IN_LIMIT: RateLimit;
  /** Bounds client registrations per address. */
  readonly REGISTER_LIMIT: RateLimit;
}

/**
 * Checks the `SETTINGS` binding, so that a Worker uploaded with settings of another version
 * fails with the name of the setting.
 * @throws Error that names each wrong setting.
 */
export function readSettings(env: Pick<WorkerEnv, "SETTINGS">): WorkerSettings {
  const result = workerSettings.safeParse(env.SETTINGS);
  if (result.success) return result.data;
  throw new Error(
    `The SETTINGS binding does not fit this Worker: ${z.prettifyError(result.error)}`,
  );
}
