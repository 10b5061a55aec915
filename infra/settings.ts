import * as z from "zod";
import { preRegisteredClient, shortestTokenLifetime } from "../worker/env.ts";
import { hostname, httpsUrl, type SecretDeclaration } from "../worker/identity/declaration.ts";
import { methodNames } from "../worker/identity/index.ts";
import { enterpriseIssuer } from "./enterprise-issuers.ts";
import { machineClient } from "./machine-clients.ts";
import { methodSecrets, methodSettings } from "./method-settings.ts";

const hexId = z.string().regex(/^[0-9a-f]{32}$/, "must be 32 characters of 0-9 and a-f");
const audienceTag = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 characters of 0-9 and a-f");
const lifetime = z.coerce.number().int().min(shortestTokenLifetime);
const perMinute = z.coerce.number().int().min(1).max(100_000);

/** A class that an adopted Worker had before; `default` would be the Worker itself. */
const adoptedClass = z
  .string()
  .regex(/^(?!default$)[A-Za-z_$][\w$]*$/, "must be the name of an exported class");

/** State of an adopted Worker at the time of its adoption. */
const adoptedWorker = z.strictObject({
  tag: z.string().min(1).optional(),
  classes: z.array(adoptedClass).default([]),
  deleteAfter: z.string().min(1).optional(),
  outside: z
    .array(z.string().regex(/^(domain|route) \S+$/, 'must be "domain <host>" or "route <pattern>"'))
    .optional(),
});

/**
 * Every plain setting of a stack, as it is written under `remote-mcp-server:` in `Pulumi.<stack>.yaml`
 * and is declared in `Pulumi.yaml`. A setting that is empty counts as not set. If a description
 * names no default, the setting is optional. Rules between settings are in `setting-rules.ts`.
 */
export const settingsSchema = z.strictObject({
  environment: z.enum(["development", "preview", "production"]).default("development").meta({
    description: "Kind of environment. production refuses a sign-in that checks nothing.",
    example: "production",
  }),
  scriptName: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
      "must be 1 to 63 characters of a-z, 0-9 and -, with no - at either end",
    )
    .optional()
    .meta({
      description: "Name of the Worker. Default: <project>-<stack>.",
      example: "acme-orders-prod",
    }),
  accountId: hexId.optional().meta({
    description: "Cloudflare account. Default: the variable CLOUDFLARE_ACCOUNT_ID.",
    example: "0123456789abcdef0123456789abcdef",
  }),
  publicUrl: z.string().optional().meta({
    description:
      "Public base URL, if it is neither the custom domain nor the workers.dev address: https, or http on localhost. Every token is bound to it.",
    example: "https://orders.example.com",
  }),
  workersDev: z.stringbool().default(true).meta({
    description: "Serve at <scriptName>.<subdomain>.workers.dev.",
    example: "true",
  }),
  customDomain: hostname.optional().meta({
    description:
      "Host name of its own, in a zone of the account. Cloudflare makes its DNS record and certificate.",
    example: "orders.example.com",
  }),
  zone: hostname.optional().meta({
    description: "Zone of the custom domain and the routes.",
    example: "example.com",
  }),
  routes: z.array(z.string().min(1)).default([]).meta({
    description: "Further route patterns on the public URL's own host.",
    example: '["orders.example.com/*"]',
  }),
  allowOriginChange: z.string().optional().meta({
    description:
      "The new public base URL, to confirm a change of it, which signs everybody out and breaks every client's configuration.",
    example: "https://orders.example.com",
  }),
  allowedOrigins: z.array(hostname).default([]).meta({
    description:
      "Host names whose web pages may call the server from a browser. On a custom domain every other page is refused, but for localhost and the server's own.",
    example: '["app.example.com"]',
  }),
  compatibilityDate: z.iso.date().default("2026-07-30").meta({
    description: "Version of the Workers runtime's behaviour.",
    example: "2026-07-30",
  }),
  bundleBudget: z.coerce.number().int().min(1).default(1_048_576).meta({
    description:
      "Bytes the bundled Worker may have after gzip. Cloudflare takes 3 MB on the free plan and 10 MB on the paid one.",
    example: "1048576",
  }),
  observabilitySampling: z.coerce.number().min(0).max(1).default(1).meta({
    description: "Share of requests whose log Cloudflare keeps, 0 to 1.",
    example: "0.1",
  }),
  serverName: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower case letters, digits and -")
    .default("")
    .meta({
      description: "Name of the server in a client's configuration. Default: the project's.",
      example: "acme-orders",
    }),
  serverTitle: z.string().min(1).max(80).default("").meta({
    description: "Name of the server for people. Default: the project's name in words.",
    example: "Acme orders",
  }),
  serverInstructions: z.string().max(2000).default("").meta({
    description: "What the server tells a model about itself.",
    example: "Use these tools for orders and their deliveries.",
  }),
  serverIcon: httpsUrl.optional().meta({
    description:
      "Address of the server's icon (PNG or SVG), which clients may show. Without it they get worker/pages/icon.svg, as the pages do.",
    example: "https://example.com/icon.svg",
  }),
  identityMethod: z.enum(methodNames).default("demo").meta({
    description: "How people sign in. demo takes any email and any password.",
    example: "demo",
  }),
  ...methodSettings,
  accessAudience: audienceTag.optional().meta({
    description:
      "Audience tag of the Access application, for the identity method access, if the stack does not make that application itself (on workers.dev).",
    example: "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
  }),
  allowedEmails: z.array(z.email()).default([]).meta({
    description:
      "Email addresses that may sign in. With no allow-list, everybody the method knows.",
    example: '["ada@example.com"]',
  }),
  allowedDomains: z.array(hostname).default([]).meta({
    description: "Domains whose verified email addresses may sign in.",
    example: '["example.com"]',
  }),
  allowedOrganizations: z.array(z.string().min(1)).default([]).meta({
    description: "Organisations at GitHub, or teams of one, whose members may sign in.",
    example: '["acme", "example/platform"]',
  }),
  scopesByGroup: z
    .record(z.string().min(1), z.array(z.string().min(1)).min(1))
    .optional()
    .meta({
      description:
        "Scopes that people may have at most, by group: of the OpenID provider's claim (oidcGroupsClaim), of Access, or an organisation or team at GitHub. * is everybody; who is in several groups may have the scopes of all. Default: everybody may have every scope.",
      example: '{"*": ["orders:read"], "acme/platform": ["orders:write"]}',
    }),
  enterpriseIssuers: z.array(enterpriseIssuer).default([]).meta({
    description:
      "Companies that decide for their people (docs/identity.md): issuer, jwksUrl, clientIds, scopes at most, domains whose addresses it vouches for, groupsClaim, allowNoScope, allowPublicClients.",
    example:
      '[{"issuer": "https://acme.okta.com", "jwksUrl": "https://acme.okta.com/oauth2/v1/keys", "clientIds": ["chat"], "scopes": ["orders:read"], "domains": ["acme.example"]}]',
  }),
  accessTokenLifetime: lifetime.max(86_400).default(3600).meta({
    description: "Lifetime of an access token in seconds.",
    example: "3600",
  }),
  refreshTokenIdleLifetime: lifetime.default(2_592_000).meta({
    description: "Seconds that a connection may be unused before the person must sign in again.",
    example: "2592000",
  }),
  refreshTokenLifetime: lifetime.optional().meta({
    description:
      "Seconds after which the person must sign in again, however much the connection is used. Default: never.",
    example: "31536000",
  }),
  strictRevocation: z.stringbool().default(false).meta({
    description:
      "Ask at each call whether the connection was ended. Otherwise an ended one may be used for about a minute more.",
    example: "true",
  }),
  personalTokens: z
    .string()
    .regex(
      /^(false|[1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])$/,
      "must be false, or the number of days that a token may be valid at most, 1 to 366",
    )
    .default("false")
    .meta({
      description:
        "Let people make tokens for programs without a browser, at /connections: the number of days that one may be valid at most. false: nobody may make one, and none is valid.",
      example: "90",
    }),
  personalTokenSignIn: z.coerce.number().int().min(1).max(366).default(30).meta({
    description:
      "Days after which the person behind such a token must sign in again, if organisations or groups decide who may do what: a token uses those of the last sign-in.",
    example: "30",
  }),
  clientIdMetadataDocuments: z.stringbool().default(true).meta({
    description: "Take clients that identify themselves by a URL (Client ID Metadata Documents).",
    example: "true",
  }),
  clientDomains: z.array(hostname).default([]).meta({
    description:
      "Domains whose Client ID Metadata Documents are taken, with all names under them. Default: every domain's.",
    example: '["claude.ai", "chatgpt.com"]',
  }),
  dynamicClientRegistration: z.stringbool().default(true).meta({
    description: "Let clients register themselves (RFC 7591). Most clients need it.",
    example: "true",
  }),
  preRegisteredClients: z.array(preRegisteredClient).default([]).meta({
    description:
      "Clients that are known from the start: clientId, name, redirectUris, and secretSha256 of one that has a secret.",
    example:
      '[{"clientId": "acme", "name": "Acme", "redirectUris": ["https://acme.example/callback"]}]',
  }),
  machineClients: z.array(machineClient).default([]).meta({
    description:
      "Clients that act for no person (docs/machines.md): name, scopes at most, resource (mcp, sse), and how each says who it is: secrets (numbers of generated ones), publicKeys, jwksUrl, workloads (runs of GitHub Actions).",
    example:
      '[{"name": "nightly", "scopes": ["orders:read"], "workloads": [{"repository": "acme/orders", "branch": "main"}]}]',
  }),
  authorizationsPerMinute: perMinute.default(120).meta({
    description: "Authorization requests a minute and address.",
    example: "120",
  }),
  signInsPerMinute: perMinute.default(60).meta({
    description: "Sign-in attempts a minute and address.",
    example: "60",
  }),
  tokenRequestsPerMinute: perMinute.default(600).meta({
    description:
      "Token requests a minute and address, and as many of codes and tokens that the store does not know. Hosted clients send those of all their people from few addresses.",
    example: "600",
  }),
  registrationsPerMinute: perMinute.default(60).meta({
    description: "Client registrations a minute and address.",
    example: "60",
  }),
  registrationsPerDay: z.coerce.number().int().min(1).default(5000).meta({
    description:
      "Client registrations a day (UTC) of all addresses together; one address may take a tenth of what is left. Each is kept for 90 days.",
    example: "5000",
  }),
  personDataLimit: z.coerce.number().int().min(1024).max(1_073_741_824).default(5_242_880).meta({
    description: "Bytes that tools may keep for one person.",
    example: "5242880",
  }),
  personDataIdleLifetime: lifetime.default(15_552_000).meta({
    description: "Seconds without use after which what tools keep for a person is removed.",
    example: "15552000",
  }),
  hideUngrantedTools: z.stringbool().default(false).meta({
    description:
      "List only the tools that a client may call already. A model never asks for what it cannot see, so nobody is then asked to allow more.",
    example: "false",
  }),
  purgeSchedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, "must be a cron expression of five fields")
    .default("17 * * * *")
    .meta({
      description:
        "When expired OAuth data is removed (cron, UTC). A preview stack has no schedule: an account on the free plan may have five.",
      example: "17 * * * *",
    }),
  kvNamespaceId: hexId.optional().meta({
    description: "A KV namespace that exists, to take over with what is in it.",
    example: "0123456789abcdef0123456789abcdef",
  }),
  kvProtection: z.stringbool().optional().meta({
    description:
      "Keep what cannot be made again (grants, people's ids) from being deleted. Default: in production.",
    example: "true",
  }),
  keyGeneration: z.coerce.number().int().min(1).default(1).meta({
    description: "Raise by one to rotate the session and consent keys. Nobody is signed out.",
    example: "2",
  }),
  allowDurableObjectDeletion: z.array(z.string().min(1)).default([]).meta({
    description: "Durable Object classes that may be deleted with all their data.",
    example: '["McpSession"]',
  }),
  adopted: adoptedWorker.optional().meta({
    description:
      "What a Worker had when `adopt` brought it under the stack: its last migration tag, the Durable Object classes that still hold objects, in deleteAfter the step of worker/durable-objects.ts after which they are deleted, and in outside the domains and routes that lead to it and are not the stack's.",
    example:
      '{"tag": "v1", "classes": ["MyMCP"], "deleteAfter": "v4", "outside": ["domain old.example.com"]}',
  }),
  inheritedBindings: z.array(z.string().min(1)).default([]).meta({
    description:
      "Bindings that the deployed Worker keeps as it has them, secrets among them, though the program does not know their values. `adopt` names those that wrangler made. One that the program declares itself is the program's.",
    example: '["COOKIE_ENCRYPTION_KEY"]',
  }),
  legacyGrantResource: z.enum(["mcp", "sse"]).optional().meta({
    description:
      "The endpoint, /mcp or /sse, that grants and tokens of an older OAuth library are for, which name none. Keep it as long as there are any.",
    example: "sse",
  }),
  allowToolDataDeletion: z.array(z.string().min(1)).default([]).meta({
    description:
      "Bindings of D1 databases and R2 buckets that may be deleted with what is stored in them.",
    example: '["NOTES_DB"]',
  }),
});

/** The commands that add entries to a setting that is a list. */
export function toListCommands(
  name: SettingName,
  present: readonly string[],
  added: readonly string[],
): string {
  return added
    .map(
      (entry, index) =>
        `\`npx pulumi config set -s <stack> --path '${name}[${present.length + index}]' ${entry}\``,
    )
    .join(" and ");
}

/** The plain settings of a stack, checked. */
export type Settings = z.infer<typeof settingsSchema>;

export type SettingName = keyof Settings;

/** Every secret setting of a stack, `pulumi config set --secret <name>`, and the binding it becomes. */
export const secretSettings = {
  ...methodSecrets,
  probeSecret: {
    binding: "PROBE_SECRET",
    description:
      "Lets `doctor` sign in by itself, for five minutes and one scope that only reads. Default: nobody may.",
    isNeeded: false,
    shortest: 32,
  },
} as const satisfies Readonly<Record<string, SecretDeclaration>>;

export type SecretName = keyof typeof secretSettings;
