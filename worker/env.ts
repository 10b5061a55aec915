/**
 * What the Worker is given: its bindings, and the settings in the `SETTINGS` binding.
 * `infra/bindings.ts` is checked against `WorkerEnv` and `WorkerSettings` at compile time, so what one
 * side lacks is a type error.
 */
import type { DurableObjectNamespace, KVNamespace, RateLimit } from "@cloudflare/workers-types";
import * as z from "zod";
import { identitySettings, type MethodSecretBindings, methods } from "./identity/index.ts";
import { enterpriseIssuers } from "./oauth/company/settings.ts";
import { machineClients } from "./oauth/machines/settings.ts";
import { personalTokens } from "./oauth/personal-tokens/settings.ts";

/** Shortest lifetime of a token in seconds: Workers KV keeps no key for less. */
export const shortestTokenLifetime = 60;

const seconds = z.int().min(shortestTokenLifetime);

/** A client that is known without registering: a public one (RFC 6749 section 2.1), unless it has a secret. */
export const preRegisteredClient = z.strictObject({
  clientId: z.string().min(1),
  name: z.string().min(1),
  redirectUris: z.array(z.url()).min(1),
  /** SHA-256, in hex, of the secret of one that has a secret, which is too long to be guessed. */
  secretSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 digest: 64 characters of 0-9 and a-f")
    .optional(),
});

export type PreRegisteredClient = z.infer<typeof preRegisteredClient>;

/** The plain settings of a stack, as one `json` binding. */
export const workerSettings = z.strictObject({
  /** Public base URL without a trailing slash; the OAuth issuer. `https://mcp.example.com`. */
  origin: z.string().regex(/^https?:\/\/[^/?#@]+$/),
  environment: z.enum(["development", "preview", "production"]),
  server: z.strictObject({
    /** Machine name, as in a client's configuration: `mcpServers.<name>`. */
    name: z.string().min(1),
    /** Name for people. */
    title: z.string().min(1),
    version: z.string().min(1),
    /** What the server tells a model about itself. */
    instructions: z.string(),
    icon: z.url().optional(),
  }),
  /** How people sign in. */
  identity: identitySettings,
  /** Who may sign in. If all lists are empty: everybody whom the identity method knows. */
  allowed: z.strictObject({
    /** Email addresses, in lower case. */
    emails: z.array(z.string()),
    /** Domains of email addresses, in lower case. */
    domains: z.array(z.string()),
    /** Organisations at GitHub, `acme`, or teams of one, `acme/platform`. */
    organizations: z.array(z.string()),
  }),
  /** Scopes at most, by group; `*` is everybody. Left out: no limit. See `identity/scope-limit.ts`. */
  scopesByGroup: z.record(z.string(), z.array(z.string())).optional(),
  /** Hostnames whose browser pages may call the MCP endpoints, beside localhost and the origin's own. */
  allowedOrigins: z.array(z.string().min(1)),
  tokens: z.strictObject({
    /** Lifetime of an access token in seconds. */
    access: seconds,
    /** Seconds that a grant may be unused before its refresh token ends. */
    refreshIdle: seconds,
    /** Seconds after which a grant ends however much it is used. Default: never. */
    refreshAbsolute: seconds.optional(),
    /**
     * Whether each call asks the grant's gate if the grant was ended. Then an end counts at once, for one more
     * look-up.
     */
    strictRevocation: z.boolean(),
    /** Tokens that people make for themselves, for programs without a browser. Default: there are none. */
    personal: personalTokens.optional(),
    /** The endpoint of grants that an older library made without one. Default: none. */
    legacyGrantResource: z.enum(["mcp", "sse"]).optional(),
  }),
  clients: z.strictObject({
    /** Whether a client may identify itself by the URL of its metadata document. */
    metadataDocuments: z.boolean(),
    /** Domains whose metadata documents are taken. Empty: every domain's. */
    domains: z.array(z.string()),
    /** Whether a client may register itself (RFC 7591). */
    registration: z.boolean(),
    /** Registrations that are taken in a day (UTC), of all clients together. */
    registrationsPerDay: z.int().min(1),
    /** Clients that are known from the start. */
    preRegistered: z.array(preRegisteredClient),
  }),
  /** Companies that decide for their people. Default: none. */
  enterprise: enterpriseIssuers.optional(),
  /** Clients that act for no person. Default: none. */
  machines: machineClients.optional(),
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

export interface WorkerEnv extends MethodSecretBindings {
  /** The OAuth library's store: clients, grants, tokens. Its name is fixed by the library. */
  readonly OAUTH_KV: KVNamespace;
  /** One object a person: what tools keep for them. */
  readonly PEOPLE: DurableObjectNamespace;
  /** One object per open HTTP+SSE stream, and per session of a client that can be asked. */
  readonly SESSIONS: DurableObjectNamespace;
  /** One object a grant, through which its token requests go one after the other. */
  readonly TOKEN_GATES: DurableObjectNamespace;
  /** One object per visit to the server that signs people in, and per location, for which of its pages were answered. */
  readonly TRANSACTIONS: DurableObjectNamespace;
  /** Counters that hold everywhere: registrations in a day, failed sign-ins. */
  readonly THROTTLES: DurableObjectNamespace;
  /** The one object that runs the clean-up, never twice at once. */
  readonly PURGE: DurableObjectNamespace;
  /** The stack's plain settings. */
  readonly SETTINGS: WorkerSettings;
  /** Key of people's ids. Never rotates: people's ids, and so their data, depend on it. */
  readonly SUBJECT_KEY: string;
  /** Sign the cookie of a signed-in person, and what travels through a client; see `keys.ts`. */
  readonly SESSION_KEYS: string;
  /** Sign what a browser remembers of a consent; see `keys.ts`. */
  readonly CONSENT_KEYS: string;
  /** Audience tag of the Access application; only if people sign in with Access. */
  readonly ACCESS_AUDIENCE?: string;
  /** Digests of the secrets of machine clients, by name, as JSON; only if one has a secret. See `listDigests`. */
  readonly MACHINE_SECRETS?: string;
  /** With it, `doctor` obtains a short grant of its own. Without it nobody can. */
  readonly PROBE_SECRET?: string;
  /** Bounds authorization requests per address. */
  readonly AUTHORIZE_LIMIT: RateLimit;
  /** Bounds sign-in attempts per address, and those that succeeded elsewhere per account, too. */
  readonly SIGN_IN_LIMIT: RateLimit;
  /** Bounds token requests per address, and what an address asks for that KV does not show. */
  readonly TOKEN_LIMIT: RateLimit;
  /** Bounds client registrations per address. */
  readonly REGISTER_LIMIT: RateLimit;
}

/** Settings that were checked: once in an isolate, not with each object that wakes in it. */
const checkedSettings = new WeakMap<object, WorkerSettings>();

/**
 * Checks the `SETTINGS` binding, so that a Worker uploaded with settings of another version
 * fails with the name of the setting.
 * @throws Error that names each wrong setting.
 */
export function readSettings(env: Pick<WorkerEnv, "SETTINGS">): WorkerSettings {
  const known = checkedSettings.get(env.SETTINGS);
  if (known !== undefined) return known;
  const result = workerSettings.safeParse(env.SETTINGS);
  if (result.success) {
    const settings = refuseDemoInProduction(result.data);
    checkedSettings.set(env.SETTINGS, settings);
    return settings;
  }
  throw new Error(
    `The SETTINGS binding does not fit this Worker: ${z.prettifyError(result.error)}`,
  );
}

/** Infrastructure refuses it before; this catches settings that came another way. */
function refuseDemoInProduction(settings: WorkerSettings): WorkerSettings {
  const { environment, identity } = settings;
  if (environment !== "production" || !methods[identity.method].declaration.isOpen) return settings;
  throw new Error(
    "The identity method demo signs anybody in, which a production Worker must not. Set identityMethod to another one (docs/identity.md).",
  );
}
