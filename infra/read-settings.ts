import * as z from "zod";
import type { SecretDeclaration } from "../worker/identity/declaration.ts";
import { checkIssuers } from "./enterprise-issuers.ts";
import { checkGroups, expandGroups, expandScopeList } from "./group-rules.ts";
import { checkMachines } from "./machine-clients.ts";
import { tellHowToSet } from "./secret-source.ts";
import { toServerName, toServerTitle } from "./server-name.ts";
import { findProblems } from "./setting-rules.ts";
import { type SecretName, type Settings, secretSettings, settingsSchema } from "./settings.ts";
import { signsInElsewhere } from "./sign-in-rules.ts";
import { listServiceSettings, type Need, type Needs } from "./tool-needs.ts";
import { listProblems } from "./user-error.ts";
import { mostVariableBytes } from "./worker-settings-size.ts";

/** The configuration of a stack, as Pulumi hands it over. */
export interface Config {
  /** Project whose settings count. */
  readonly project: string;
  /** `<project>:<key>` to value; lists and objects as JSON. Secret values are in clear. */
  readonly values: Readonly<Record<string, string>>;
  /** Whether a value is encrypted in the stack's file. */
  isSecret(key: string): boolean;
}

/** The configuration of a stack, checked. The values of secrets are not in it. */
export interface StackSettings {
  readonly settings: Settings;
  /** The secret settings that have a value. */
  readonly secrets: readonly SecretName[];
  /** Values of the plain settings that tools need. */
  readonly toolSettings: Readonly<Record<string, unknown>>;
  /** Names of the Workers behind the services that tools need, by binding. */
  readonly services: Readonly<Record<string, string>>;
}

/**
 * Reads and checks the stack's settings.
 * @throws UserError that names every wrong setting, what is wrong, and an example or the way out.
 */
export function readSettings(config: Config, needs: Needs): StackSettings {
  const given = pickOwnKeys(config);
  const serviceSettings = listServiceSettings(needs);
  const encrypted = checkEncrypted(config, given, needs);
  const problems = [
    ...encrypted,
    ...checkSecrets(config, given, needs),
    ...checkServices(given, serviceSettings, needs),
  ];

  const plain: Record<string, unknown> = {};
  const toolSettings: Record<string, unknown> = {};
  for (const [name, need] of needs.settings) {
    const value = given[name];
    const result = need.value.safeParse(value === undefined ? undefined : decodeSetting(value));
    if (result.success) toolSettings[name] = result.data;
    else problems.push(...describeNeed(name, need, result.error));
  }
  for (const [name, value] of Object.entries(given)) {
    const isOther =
      name in secretSettings ||
      needs.secrets.has(name) ||
      needs.settings.has(name) ||
      serviceSettings.has(name);
    if (!isOther) plain[name] = decodeSetting(value);
  }
  plain.serverName ??= toServerName(config.project);
  plain.serverTitle ??= toServerTitle(config.project);
  const result = settingsSchema.safeParse(plain);
  const secrets = Object.keys(secretSettings).filter((name) => name in given) as SecretName[];
  if (!result.success) problems.push(...describeAll(config, plain, result.error));
  // The messages of these rules hold values, and an encrypted one is not to be said.
  else if (encrypted.length === 0) problems.push(...findProblems(result.data, secrets));
  if (result.success) {
    problems.push(...checkUpstreamToken(result.data, needs));
    problems.push(...checkMachineClients(result.data, needs));
    problems.push(...checkGroups(result.data, needs.scopes));
    problems.push(...checkIssuers(result.data, needs.scopes));
  }
  if (result.success && problems.length === 0) {
    const services = [...serviceSettings].map(([name, binding]) => [binding, given[name]]);
    return {
      settings: expandScopes(result.data, needs),
      secrets,
      toolSettings,
      services: Object.fromEntries(services) as Record<string, string>,
    };
  }
  throw listProblems(
    `The settings of this stack are not right (Pulumi.<stack>.yaml, ${config.project}:<setting>):`,
    problems,
  );
}

/** The settings, with each scope that another one includes: who may have one may have what is in it. */
function expandScopes(settings: Settings, { scopes }: Needs): Settings {
  if (scopes === undefined) return settings;
  const { scopesByGroup, enterpriseIssuers } = settings;
  return {
    ...settings,
    ...(scopesByGroup && { scopesByGroup: expandGroups(scopesByGroup, scopes) }),
    enterpriseIssuers: enterpriseIssuers.map((issuer) => ({
      ...issuer,
      scopes: expandScopeList(issuer.scopes, scopes),
    })),
  };
}

/** The project's own keys without their prefix. An empty value counts as none. */
function pickOwnKeys({ project, values }: Config): Record<string, string> {
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key, value]) => key.startsWith(prefix) && value !== "")
      .map(([key, value]) => [key.slice(prefix.length), value]),
  );
}

/** A setting as it is meant: Pulumi hands every value over as a string; lists and objects are JSON. */
export function decodeSetting(value: string): unknown {
  if (!/^[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** A plain setting is readable in the deployed Worker, whatever the stack's file does with it. */
function checkEncrypted(
  { project, isSecret }: Config,
  given: Record<string, string>,
  needs: Needs,
): string[] {
  return Object.keys(given)
    .filter((name) => isSecret(`${project}:${name}`))
    .filter((name) => !(name in secretSettings) && !needs.secrets.has(name))
    .map(
      (name) =>
        `${name}: this is not a secret setting, and its value would be readable in the Worker's settings. Set it again without --secret, or remove it.`,
    );
}

/** No message here may hold a value. */
function checkSecrets(config: Config, given: Record<string, string>, needs: Needs): string[] {
  const names = [...Object.keys(secretSettings), ...needs.secrets.keys()];
  const tell = (name: string) => tellHowToSet(name, given.environment);
  const inClear = names
    .filter((name) => name in given && !config.isSecret(`${config.project}:${name}`))
    .map(
      (name) =>
        `${name}: this secret is in the stack's file in plain text. Make a new one where it comes from, and set it with ${tell(name)}.`,
    );
  const missing = [...needs.secrets]
    .filter(([name]) => !(name in given))
    .map(
      ([name, { tool, value }]) =>
        `${name}: the tool "${tool}" needs this secret (${value}). Set it with ${tell(name)}; for npm start alone, write it into .dev/secrets.yaml.`,
    );
  const short = Object.entries<SecretDeclaration>(secretSettings)
    .filter(([name, { shortest = 0 }]) => name in given && (given[name]?.length ?? 0) < shortest)
    .map(
      ([name, { shortest: least }]) =>
        `${name}: it is shorter than ${least} characters, so it could be guessed. Set a longer one with ${tell(name)}.`,
    );
  const long = names.flatMap((name) => {
    const bytes = Buffer.byteLength(given[name] ?? "");
    return bytes <= mostVariableBytes
      ? []
      : [
          `${name}: it has ${bytes} bytes, and Cloudflare takes ${mostVariableBytes} (one secret). If it is a whole file, set only the part that is needed, with ${tell(name)}.`,
        ];
  });
  return [...inClear, ...missing, ...short, ...long];
}

/** People who sign in at no other service have no token of one. */
function checkUpstreamToken(settings: Settings, { upstreamToken }: Needs): string[] {
  if (upstreamToken === undefined || signsInElsewhere(settings)) return [];
  const { identityMethod } = settings;
  const { tool, value } = upstreamToken;
  return [
    `identityMethod: the tool "${tool}" needs a token of the service that people sign in with (${value}), and "${identityMethod}" has none. Set github or oidc, or leave the tool out.`,
  ];
}

function checkMachineClients(settings: Settings, { scopes }: Needs): string[] {
  const { machineClients, preRegisteredClients } = settings;
  const knownClients = preRegisteredClients.map(({ clientId }) => clientId);
  return checkMachines(machineClients, knownClients, scopes);
}

function checkServices(
  given: Record<string, string>,
  services: ReadonlyMap<string, string>,
  needs: Needs,
): string[] {
  return [...services]
    .filter(([name]) => !(name in given))
    .map(
      ([name, binding]) =>
        `${name}: the tool "${needs.bindings.get(binding)?.tool}" calls another Worker of this account. Name it with \`npx pulumi config set -s <stack> ${name} <worker>\`.`,
    );
}

function describeAll(
  { project, isSecret }: Config,
  plain: Record<string, unknown>,
  error: z.ZodError,
): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys" && issue.path.length === 0) {
      return issue.keys.map(
        (key) =>
          `${key}: there is no such setting. Pulumi.yaml lists the settings of the server; tools name their own.`,
      );
    }
    const name = String(issue.path[0]);
    const field = settingsSchema.shape[name as keyof Settings];
    // Somebody may have encrypted a plain setting.
    const value = isSecret(`${project}:${name}`) ? undefined : plain[name];
    return [describeIssue([name, ...issue.path.slice(1)], field, issue, value)];
  });
}

function describeNeed(name: string, { tool, value: schema }: Need<z.ZodType>, error: z.ZodError) {
  const reason = `the tool "${tool}" needs it. `;
  return error.issues.map((issue) =>
    describeIssue([name, ...issue.path], schema, issue, undefined, reason),
  );
}

function describeIssue(
  path: readonly PropertyKey[],
  schema: z.ZodType,
  { message }: z.core.$ZodIssue,
  value: unknown,
  reason = "",
): string {
  const example = z.globalRegistry.get(schema)?.example;
  // A URL may hold a password.
  const isShown = typeof value === "string" && !/:\/\/[^/]*@/.test(value);
  const found = isShown ? ` (it is "${value}")` : "";
  const hint = example === undefined ? "" : ` Example: ${example}`;
  return `${path.join(".")}: ${reason}${message}${found}.${hint}`;
}
