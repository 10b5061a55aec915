import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Values } from "../engine/plugin/values.ts";

export const accountId = "0123456789abcdef0123456789abcdef";
export const zoneId = "fedcba9876543210fedcba9876543210";
export const scriptName = "remote-mcp-server-dev";

/** The secret of the recorded stack, which must stand nowhere in the clear. */
export const canary = "canary-secret-value-123456";

/** What the person had written before a step of the recorded life. */
export interface Draft {
  /** What the Worker answers. */
  readonly word: "one" | "two";
  /** The second Durable Object class, and the settings that came with it. */
  readonly hasPerson: boolean;
  /** What the project's Stash held; see infra/script.ts. */
  readonly migrations?: Values;
  readonly isAddressed: boolean;
}

const first: Draft = {
  word: "one",
  hasPerson: false,
  migrations: { newTag: "v1", newSqliteClasses: ["SseSession"] },
  isAddressed: false,
};
const { migrations: _applied, ...changed }: Draft = { ...first, word: "two" };
const withPerson: Draft = {
  ...changed,
  hasPerson: true,
  migrations: { oldTag: "v1", newTag: "v2", newSqliteClasses: ["PersonState"] },
};

/** What was written at each step. */
export const drafts = {
  first,
  changed,
  withPerson,
  addressed: { ...withPerson, isAddressed: true },
  // As recorded: a new Worker, and the first step of the history.
  again: { ...withPerson, isAddressed: true, migrations: first.migrations ?? {} },
} as const satisfies Record<string, Draft>;

/** Writes the bundle of a draft; gives back the inputs that name it. */
export async function writeBundle(
  folder: string,
  { word }: Draft,
): Promise<{ contentFile: string; contentSha256: string }> {
  const code = `export class SseSession {}\nexport class PersonState {}\nexport default { fetch() { return new Response("${word}"); } };\n`;
  const contentFile = join(folder, "index.js");
  await writeFile(contentFile, code);
  return { contentFile, contentSha256: createHash("sha256").update(code).digest("hex") };
}

/** Inputs of the script but for its code and its bindings. */
export function describeScript({ migrations }: Draft) {
  return {
    accountId,
    scriptName,
    mainModule: "index.js",
    compatibilityDate: "2026-07-01",
    compatibilityFlags: ["global_fetch_strictly_public", "nodejs_als"],
    observability: { enabled: true },
    ...(migrations && { migrations }),
  };
}

/** The bindings, around a namespace's id and a secret in whatever form a caller has them. */
export function describeBindings<Id, Secret>(draft: Draft, namespaceId: Id, secret: Secret) {
  const durableObject = (name: string, className: string) => ({
    name,
    type: "durable_object_namespace",
    className,
  });
  const settings = { origin: "https://x", v: draft.hasPerson ? "2" : "1" };
  return [
    { name: "OAUTH_KV", type: "kv_namespace", namespaceId },
    durableObject("SSE_SESSION", "SseSession"),
    ...(draft.hasPerson ? [durableObject("PERSON", "PersonState")] : []),
    { name: "SETTINGS", type: "json", json: JSON.stringify(settings) },
    { name: "SESSION_KEYS", type: "secret_text", text: secret },
    {
      name: "LIMIT_REGISTER",
      type: "ratelimit",
      namespaceId: "1001",
      simple: { limit: 20, period: 60 },
    },
  ];
}

/** Inputs of everything beside the script. */
export const others = {
  namespace: { accountId, title: `${scriptName}-oauth` },
  subdomain: { accountId, scriptName, enabled: true, previewsEnabled: false },
  cron: { accountId, scriptName, schedules: [{ cron: "17 3 * * *" }] },
  route: { zoneId, pattern: "mcp.example.com/*", script: scriptName },
  domain: { accountId, zoneId, hostname: "mcp2.example.com", service: scriptName },
};

/**
 * What the stack looks up before it declares anything: with the `match` that the version of the provider
 * sent by itself whose traffic was recorded.
 */
export const zoneFilter = { filter: { name: "example.com", match: "all" } };

/** Import ids as a person writes them, by the names of `others` and of the script. */
export function listImports(namespaceId: string): Readonly<Record<string, string>> {
  return {
    namespace: `${accountId}/${namespaceId}`,
    script: `${accountId}/${scriptName}`,
    subdomain: `${accountId}/${scriptName}`,
    cron: `${accountId}/${scriptName}`,
  };
}

/** Pulumi's types, by the same names. */
export const tokens = {
  namespace: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
  script: "cloudflare:index/workersScript:WorkersScript",
  subdomain: "cloudflare:index/workersScriptSubdomain:WorkersScriptSubdomain",
  cron: "cloudflare:index/workersCronTrigger:WorkersCronTrigger",
  route: "cloudflare:index/workersRoute:WorkersRoute",
  domain: "cloudflare:index/workersCustomDomain:WorkersCustomDomain",
} as const;

export type ResourceName = keyof typeof tokens;
