import { createHash } from "node:crypto";
import type { DurableObjectNamespace, KVNamespace, RateLimit } from "@cloudflare/workers-types";
import type * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { durableObjectBindings } from "../worker/durable-objects.ts";
import type { WorkerEnv, WorkerSettings } from "../worker/env.ts";
import { type IdentitySettings, identitySettings } from "../worker/identity/index.ts";
import { toEnterpriseSettings } from "./enterprise-issuers.ts";
import { digestSecrets, type Keys } from "./keys.ts";
import { toMachineSettings } from "./machine-clients.ts";
import { findDeclaration } from "./method-settings.ts";
import type { StackSettings } from "./read-settings.ts";
import { type SecretName, type SettingName, type Settings, secretSettings } from "./settings.ts";
import { UserError } from "./user-error.ts";
import { writeWorkerSettings } from "./worker-settings-size.ts";

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
export type Bindings = { [Name in keyof WorkerEnv]: BindingFor<NonNullable<WorkerEnv[Name]>> };

export interface BindingParts {
  readonly accountId: string;
  readonly scriptName: string;
  readonly namespaceId: pulumi.Input<string>;
  readonly settings: Settings;
  readonly workerSettings: WorkerSettings;
  readonly keys: Keys;
  /** The secret settings that the stack has. */
  readonly secrets: readonly SecretName[];
  /** Audience tag of the Access application, if people sign in with Access. */
  readonly accessAudience: pulumi.Input<string> | undefined;
}

/** Makes a binding; undefined if the stack has none. */
type Maker<Name extends keyof Bindings> = (parts: BindingParts) => Bindings[Name];

/** Name of a binding that a secret setting becomes. */
type SecretBindingName = (typeof secretSettings)[SecretName]["binding"];

/** The secret settings, each a binding. */
const secretMakers = Object.fromEntries(
  Object.entries(secretSettings).map(([name, { binding }]) => [
    binding,
    (parts: BindingParts) => createSecret(parts, name as SecretName),
  ]),
) as { [Name in SecretBindingName]: Maker<Name> };

/** How each of the server's own bindings is made. */
const makers: { [Name in keyof Required<Bindings>]: Maker<Name> } = {
  ...secretMakers,
  ACCESS_AUDIENCE: ({ accessAudience }) =>
    accessAudience === undefined
      ? undefined
      : { type: "secret_text", text: pulumi.secret(accessAudience) },
  AUTHORIZE_LIMIT: (parts) =>
    createRateLimit(parts, "authorize", parts.settings.authorizationsPerMinute),
  // The stack's own, else the one that was generated.
  DEMO_PASSWORD: (parts) =>
    createSecret(parts, "demoPassword") ?? wrapSecret(parts.keys.demoPassword),
  CONSENT_KEYS: ({ keys }) => ({ type: "secret_text", text: keys.consentKeys }),
  MACHINE_SECRETS: ({ keys }) =>
    wrapSecret(keys.machineSecrets && digestSecrets(keys.machineSecrets)),
  OAUTH_KV: ({ namespaceId }) => ({ type: "kv_namespace", namespaceId }),
  PEOPLE: () => createObjects("PEOPLE"),
  PURGE: () => createObjects("PURGE"),
  REGISTER_LIMIT: (parts) =>
    createRateLimit(parts, "register", parts.settings.registrationsPerMinute),
  SESSIONS: () => createObjects("SESSIONS"),
  SESSION_KEYS: ({ keys }) => ({ type: "secret_text", text: keys.sessionKeys }),
  SETTINGS: ({ workerSettings, settings }) => ({
    type: "json",
    json: writeWorkerSettings(workerSettings, settings),
  }),
  SIGN_IN_LIMIT: (parts) => createRateLimit(parts, "sign-in", parts.settings.signInsPerMinute),
  SUBJECT_KEY: ({ keys }) => ({ type: "secret_text", text: keys.subjectKey }),
  THROTTLES: () => createObjects("THROTTLES"),
  TOKEN_GATES: () => createObjects("TOKEN_GATES"),
  TOKEN_LIMIT: (parts) => createRateLimit(parts, "token", parts.settings.tokenRequestsPerMinute),
  TRANSACTIONS: () => createObjects("TRANSACTIONS"),
};

/** Binding names that are the server's own: no tool may need one of these. */
export const serverBindingNames: readonly string[] = Object.keys(makers);

export function createBindings(parts: BindingParts): ScriptBinding[] {
  const bindings = Object.entries(makers)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, make]) => {
      const binding = make(parts);
      return binding === undefined ? [] : [{ name, ...binding }];
    });
  refuseSharedCounters(bindings);
  return bindings;
}

function createObjects(name: keyof typeof durableObjectBindings): ObjectBinding {
  return { type: "durable_object_namespace", className: durableObjectBindings[name] };
}

/** A secret setting of the stack, if it has it. */
function createSecret({ secrets }: BindingParts, name: SecretName): SecretBinding | undefined {
  if (!secrets.includes(name)) return undefined;
  return { type: "secret_text", text: new pulumi.Config().requireSecret(name) };
}

function wrapSecret(text: pulumi.Output<string> | undefined): SecretBinding | undefined {
  return text === undefined ? undefined : { type: "secret_text", text };
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
 * from what tells one limit from every other; the Worker's name represents the stack, since no two
 * Workers of an account have one. That two Workers get one id of 31 bits all the same is improbable.
 * Cloudflare wants a positive integer as a string.
 */
export function deriveRateLimitId(...parts: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  return String(digest.readUInt32BE(0) % 0x7fff_ffff || 1);
}

/** @throws UserError if two limits of one Worker have one id. */
export function refuseSharedCounters(
  bindings: readonly { name: string; type: string; namespaceId?: unknown }[],
): void {
  const owners = new Map<unknown, string>();
  for (const { name, type, namespaceId } of bindings) {
    if (type !== "ratelimit") continue;
    const owner = owners.get(namespaceId);
    if (owner !== undefined) {
      throw new UserError(
        `scriptName: the rate limits ${owner} and ${name} would count together with this name (both get the id ${namespaceId}). Choose another scriptName.`,
      );
    }
    owners.set(namespaceId, name);
  }
}

export function toWorkerSettings(
  { settings, toolSettings }: Pick<StackSettings, "settings" | "toolSettings">,
  origin: string,
  version: string,
): WorkerSettings {
  const machines = toMachineSettings(settings.machineClients);
  const {
    serverIcon: icon,
    refreshTokenLifetime: refreshAbsolute,
    legacyGrantResource,
    scopesByGroup,
  } = settings;
  const enterprise = toEnterpriseSettings(settings.enterpriseIssuers);
  return {
    origin,
    environment: settings.environment,
    server: {
      name: settings.serverName,
      title: settings.serverTitle,
      version,
      instructions: settings.serverInstructions,
      ...(icon !== undefined && { icon }),
    },
    identity: toIdentity(settings),
    allowed: {
      emails: settings.allowedEmails.map((email) => email.toLowerCase()),
      domains: settings.allowedDomains,
      organizations: settings.allowedOrganizations,
    },
    ...(scopesByGroup !== undefined && { scopesByGroup }),
    ...(enterprise && { enterprise }),
    allowedOrigins: settings.allowedOrigins,
    tokens: {
      access: settings.accessTokenLifetime,
      refreshIdle: settings.refreshTokenIdleLifetime,
      ...(refreshAbsolute !== undefined && { refreshAbsolute }),
      strictRevocation: settings.strictRevocation,
      ...(settings.personalTokens !== "false" && {
        personal: {
          mostDays: Number(settings.personalTokens),
          signInDays: settings.personalTokenSignIn,
        },
      }),
      ...(legacyGrantResource !== undefined && { legacyGrantResource }),
    },
    clients: {
      metadataDocuments: settings.clientIdMetadataDocuments,
      domains: settings.clientDomains,
      registration: settings.dynamicClientRegistration,
      registrationsPerDay: settings.registrationsPerDay,
      preRegistered: settings.preRegisteredClients,
    },
    ...(machines && { machines }),
    people: {
      dataLimit: settings.personDataLimit,
      idleLifetime: settings.personDataIdleLifetime,
    },
    hideUngrantedTools: settings.hideUngrantedTools,
    tools: toolSettings as WorkerSettings["tools"],
  };
}

/** The rules between settings have made sure that what the method needs is there. */
function toIdentity(settings: Settings): IdentitySettings {
  const { identityMethod: method } = settings;
  const own = Object.keys(findDeclaration(method).settings) as SettingName[];
  const given = own.filter((name) => settings[name] !== undefined);
  return identitySettings.parse({
    method,
    ...Object.fromEntries(given.map((name) => [name, settings[name]])),
  });
}
