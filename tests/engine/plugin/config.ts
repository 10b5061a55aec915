import type { Values } from "./values.ts";

/** How the API is reached. */
export interface Config {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly apiToken: string;
  /** Factor on the waits between tries; 1 is what the real provider does. */
  readonly retryScale: number;
}

/** A setting of the provider that cannot be right. */
export interface CheckFailure {
  readonly property: string;
  readonly reason: string;
}

/** Of `api_token` in the real provider's schema. What the environment holds is not checked there. */
const tokenPattern = /^[0-9A-Za-z\-_]{40,80}$/;

/** Where a stand-in may send a token. */
const loopback = ["127.0.0.1", "localhost", "[::1]"];

/** Refuses settings as the real provider does before anything runs. */
export function checkConfig(settings: Values): CheckFailure[] {
  const { apiToken } = settings;
  if (typeof apiToken !== "string" || tokenPattern.test(apiToken)) return [];
  return [
    {
      property: "apiToken",
      reason:
        "API tokens must be 40 to 80 characters and only contain characters a-z, A-Z, 0-9, hyphens and underscores",
    },
  ];
}

/**
 * The settings, and the environment for what they leave open. Nothing is asked of the API.
 * @throws Error where the API is not on this machine, or there is no token.
 */
export function readConfig(settings: Values, environment: NodeJS.ProcessEnv): Config {
  const baseUrl = readText(settings.baseUrl) ?? environment.CLOUDFLARE_BASE_URL ?? "";
  if (!URL.canParse(baseUrl) || !loopback.includes(new URL(baseUrl).hostname)) {
    throw new Error(
      `This is a stand-in for the Cloudflare provider, and speaks only to an API on this machine. Set CLOUDFLARE_BASE_URL to its address; it is ${JSON.stringify(baseUrl)}.`,
    );
  }
  const apiToken = readText(settings.apiToken) ?? environment.CLOUDFLARE_API_TOKEN ?? "";
  if (apiToken === "") {
    throw new Error(
      "The Cloudflare provider has no credentials. Set CLOUDFLARE_API_TOKEN or the provider's apiToken.",
    );
  }
  return {
    baseUrl: baseUrl.replace(/\/+$/, ""),
    apiToken,
    retryScale: Number(environment.PLUGIN_RETRY_SCALE ?? 1),
  };
}

function readText(value: Values[string] | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
