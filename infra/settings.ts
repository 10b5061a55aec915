import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { identityMethods, shortestTokenLifetime } from "../worker/env.ts";

/** Identity methods that sign nobody in for real. */
const identityMethodsThatCheckNothing: readonly string[] = ["demo"];

const hostname = z
  .string()
  .regex(
    /^[a-z0-9-]+(\.[a-z0-9-]+)*$/,
    "must be a host name like app.example.com, without https:// and without a port",
  );

const lifetime = z.coerce.number().int().min(shortestTokenLifetime);
const perMinute = z.coerce.number().int().min(1).max(100_000);

/**
 * Every setting of a stack, as it stands under `remote-mcp-server:` in `Pulumi.<stack>.yaml` and is
 * declared in `Pulumi.yaml`. A setting that is empty counts as not set. Where a description has no
 * default, the setting is optional.
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
    .meta({ description: "Name of the Worker. Default: <project>-<stack>.", example: "math-prod" }),
  publicUrl: z.string().optional().meta({
    description:
      "Public base URL where it is not the workers.dev address: https, or http on localhost. Every token is bound to it.",
    example: "https://math.example.com",
  }),
  workersDev: z.stringbool().default(true).meta({
    description: "Serve at <scriptName>.<subdomain>.workers.dev.",
    example: "true",
  }),
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "must be 32 characters of 0-9 and a-f")
    .optional()
    .meta({
      description: "Cloudflare account. Default: the variable CLOUDFLARE_ACCOUNT_ID.",
      example: "0123456789abcdef0123456789abcdef",
    }),
  compatibilityDate: z.iso.date().default("2026-07-30").meta({
    description: "Version of the Workers runtime's behaviour.",
    example: "2026-07-30",
  }),
  serverName: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "must be lower case letters, digits and -")
    .default("math")
    .meta({ description: "Name of the server in a client's configuration.", example: "math" }),
  serverTitle: z.string().min(1).max(80).default("Math").meta({
    description: "Name of the server for people.",
    example: "Math",
  }),
  serverInstructions: z.string().max(2000).default("").meta({
    description: "What the server tells a model about itself.",
    example: "Use these tools for arithmetic.",
  }),
  identityMethod: z.enum(identityMethods).default("demo").meta({
    description: "How people sign in. demo takes any email and any password.",
    example: "demo",
  }),
  allowedOrigins: z.array(hostname).default([]).meta({
    description: "Host names whose web pages may call the server from a browser.",
    example: '["app.example.com"]',
  }),
  accessTokenLifetime: lifetime.max(86_400).default(3600).meta({
    description: "Lifetime of an access token in seconds.",
    example: "3600",
  }),
  refreshTokenIdleLifetime: lifetime.default(2_592_000).meta({
    description: "Seconds a connection may lie idle before the person must sign in again.",
    example: "2592000",
  }),
  signInsPerMinute: perMinute.default(60).meta({
    description: "Sign-in attempts a minute and address.",
    example: "60",
  }),
  registrationsPerMinute: perMinute.default(60).meta({
    description: "Client registrations a minute and address.",
    example: "60",
  }),
  purgeSchedule: z
    .string()
    .regex(/^\S+( \S+){4}$/, "must be a cron expression of five fields")
    .default("17 * * * *")
    .meta({
      description: "When expired OAuth data is removed (cron, UTC).",
      example: "17 * * * *",
    }),
});

/** The settings of a stack, checked. */
export type Settings = z.infer<typeof settingsSchema>;

/** A mistake of the person who wrote the stack's settings: reported without a stack trace. */
export class SettingsError extends pulumi.RunError {}

/**
 * Reads and checks the stack's settings.
 * @throws SettingsError that names every wrong setting, what is wrong and an example.
 */
export function readSettings(project: string, config: Record<string, string>): Settings {
  const result = settingsSchema.safeParse(decodeConfig(project, config));
  const problems = result.success ? listConflicts(result.data) : describeIssues(result.error);
  if (result.success && problems.length === 0) return result.data;
  throw new SettingsError(
    [
      `The settings of this stack are not right (Pulumi.<stack>.yaml, ${project}:<setting>):`,
      ...problems,
    ].join("\n  - "),
  );
}

/** The project's own keys, without its prefix. Pulumi hands every value over as a string; lists are JSON. */
function decodeConfig(project: string, config: Record<string, string>): Record<string, unknown> {
  const prefix = `${project}:`;
  const entries = Object.entries(config)
    .filter(([key, value]) => key.startsWith(prefix) && value !== "")
    .map(([key, value]) => [key.slice(prefix.length), decodeValue(value)]);
  return Object.fromEntries(entries);
}

function decodeValue(value: string): unknown {
  if (!value.startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** Rules between settings, each with the way out. */
function listConflicts(settings: Settings): string[] {
  const problems: string[] = [];
  const { environment, identityMethod, publicUrl, workersDev } = settings;
  if (environment === "production" && identityMethodsThatCheckNothing.includes(identityMethod)) {
    problems.push(
      `identityMethod: "${identityMethod}" signs anybody in, which a production stack must not. Choose another method, or set environment to development.`,
    );
  }
  if (publicUrl !== undefined && !isOrigin(publicUrl)) {
    problems.push(
      `publicUrl: "${publicUrl}" must be https:// and a host, or http:// and localhost, with no path and no / at the end. Example: https://math.example.com`,
    );
  }
  if (publicUrl === undefined && !workersDev) {
    problems.push("workersDev: with false there is no address left. Set publicUrl too.");
  }
  return problems;
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname: host } = new URL(text);
  const isLoopback = host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
  return origin === text && (protocol === "https:" || (protocol === "http:" && isLoopback));
}

function describeIssues(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map(
          (key) => `${key}: there is no such setting. The settings are listed in Pulumi.yaml.`,
        )
      : [describeIssue(issue)],
  );
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  const key = String(path[0]);
  const field = settingsSchema.shape[key as keyof Settings];
  const example = z.globalRegistry.get(field)?.example;
  return `${path.join(".")}: ${message}.${example === undefined ? "" : ` Example: ${example}`}`;
}
