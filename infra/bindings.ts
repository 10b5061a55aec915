import { createHash } from "node:crypto";
import type { DurableObjectNamespace, KVNamespace, RateLimit } from "@cloudflare/workers-types";
import type * as cloudflare from "@pulumi/cloudflare";
import type * as pulumi from "@pulumi/pulumi";
import { durableObjectBindings } from "../worker/durable-objects.ts";
import type { WorkerEnv, WorkerSettings } from "../worker/env.ts";
import type { Keys } from "./keys.ts";
import type { Settings } from "./settings.ts";

type ScriptBinding = cloudflare.types.input.WorkersScriptBinding;

interface KvBinding {
  type: "kv_namespace";
  namespaceId: pulumi.Input<string>;
}
interface ObjectBinding {
  type: "durable_object_namespace";
  className: string;
}
interface RateLimitBinding {
  type: "ratelimit";
  namespaceId: string;
  simple: { limit: number; period: number };
}
interface SecretBinding {
  type: "secret_text";
  text: pulumi.Output<string>;
}
interface JsonBinding {
  type: "json";
  json: string;
}

/** The kind of binding that gives the Worker a value of this type. */
type BindingFor<Value> = Value extends KVNamespace
  ? KvBinding
  : Value extends DurableObjectNamespace
    ? ObjectBinding
    : Value extends RateLimit
      ? RateLimitBinding
      : Value extends string
        ? SecretBinding
        : JsonBinding;

/** One binding for each member of WorkerEnv: a missing, surplus or wrong one does not compile. */
type Bindings = { [Name in keyof WorkerEnv]: BindingFor<WorkerEnv[Name]> };

/** What the bindings are made of. */
export interface BindingParts {
  readonly accountId: string;
  readonly scriptName: string;
  readonly namespaceId: pulumi.Input<string>;
  readonly settings: Settings;
  readonly workerSettings: WorkerSettings;
  readonly keys: Keys;
}

/** The bindings of the script, in the order of their names. */
export function createBindings(parts: BindingParts): ScriptBinding[] {
  const { namespaceId, settings, workerSettings, keys } = parts;
  const bindings: Bindings = {
    OAUTH_KV: { type: "kv_namespace", namespaceId },
    REGISTER_LIMIT: createRateLimit(parts, "register", settings.registrationsPerMinute),
    SESSIONS: { type: "durable_object_namespace", className: durableObjectBindings.SESSIONS },
    SESSION_KEY: { type: "secret_text", text: keys.sessionKey },
    SETTINGS: { type: "json", json: JSON.stringify(workerSettings) },
    SIGN_IN_LIMIT: createRateLimit(parts, "sign-in", settings.signInsPerMinute),
    SUBJECT_KEY: { type: "secret_text", text: keys.subjectKey },
  };
  return Object.entries(bindings).map(([name, binding]) => ({ name, ...binding }));
}

function createRateLimit(
  { accountId, scriptName }: BindingParts,
  name: string,
  limit: number,
): RateLimitBinding {
  const namespaceId = deriveRateLimitId(accountId, scriptName, name);
  return { type: "ratelimit", namespaceId, simple: { limit, period: 60 } };
}

/**
 * Counters are shared by all bindings of an account that name the same id, so the id is derived
 * from what tells one limit from every other. Cloudflare wants a positive integer as a string.
 */
function deriveRateLimitId(...parts: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  return String(digest.readUInt32BE(0) % 0x7fff_ffff || 1);
}

/** The stack's settings as the Worker reads them. */
export function toWorkerSettings(
  settings: Settings,
  origin: string,
  version: string,
): WorkerSettings {
  return {
    origin,
    environment: settings.environment,
    server: {
      name: settings.serverName,
      title: settings.serverTitle,
      version,
      instructions: settings.serverInstructions,
    },
    identity: { method: settings.identityMethod },
    allowedOrigins: settings.allowedOrigins,
    tokens: {
      access: settings.accessTokenLifetime,
      refreshIdle: settings.refreshTokenIdleLifetime,
    },
  };
}
