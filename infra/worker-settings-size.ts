import type { WorkerSettings } from "../worker/env.ts";
import type { SettingName, Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

/**
 * Bytes of one environment variable or secret (Cloudflare, Workers limits, "Environment variables": 5 KB). The
 * Worker gets its settings as one.
 */
export const mostVariableBytes = 5120;

/** Settings that grow with a company, and how each gets smaller. */
const growing: Partial<Record<SettingName, string>> = {
  allowedDomains: "Take out domains.",
  allowedEmails: "Let in a domain (allowedDomains) or a group in place of single addresses.",
  allowedOrganizations: "Take out organisations.",
  allowedOrigins: "Take out host names.",
  clientDomains: "Take out domains.",
  enterpriseIssuers: "Let a claim say who may what (groupsClaim) in place of an issuer for each.",
  machineClients: "Name the address of a client's keys (jwksUrl) in place of them (publicKeys).",
  preRegisteredClients: "Let clients come with a metadata document, which need not be named here.",
  scopesByGroup: "Name fewer groups, or scopes that include others.",
  serverInstructions: "Shorten the text.",
};

/**
 * The Worker's settings as text.
 * @param settings of the stack, by the names that a person sets.
 * @throws UserError that names the biggest setting, if Cloudflare would not take them all.
 */
export function writeWorkerSettings(worker: WorkerSettings, settings: Partial<Settings>): string {
  const text = JSON.stringify(worker);
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostVariableBytes) return text;
  const ofServer = (Object.keys(growing) as SettingName[]).map((name) => [name, settings[name]]);
  const [[name, size] = ["", 0], [next, nextSize] = ["", 0]] = [
    ...ofServer,
    ...Object.entries(worker.tools),
  ]
    .map(([name, value]): [string, number] => [String(name), measure(value)])
    .toSorted(([, one], [, other]) => other - one);
  throw new UserError(
    `${name}: the stack's settings have ${bytes} bytes as the Worker gets them, and Cloudflare takes ${mostVariableBytes} (one environment variable). ${name} has about ${size} of them, and ${next} ${nextSize}. ${growing[name as SettingName] ?? "Make it shorter."}`,
  );
}

function measure(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value));
}
