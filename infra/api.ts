import * as pulumi from "@pulumi/pulumi";
import { findLocalToken } from "./local-token.ts";
import { isLoopback } from "./loopback.ts";
import { UserError } from "./user-error.ts";

export interface Api {
  /** Undefined: Cloudflare's own. */
  readonly baseUrl: string | undefined;
  /** Undefined: the variable CLOUDFLARE_API_TOKEN. */
  readonly token: pulumi.Output<string> | undefined;
}

/** Credentials of the account, by the names the provider gives them. */
const credentials = ["cloudflare:apiToken", "cloudflare:apiKey", "cloudflare:apiUserServiceKey"];

/**
 * Reads `cloudflare:baseUrl` and `cloudflare:apiToken`, as the provider would of its own. The base URL
 * is else the variable CLOUDFLARE_BASE_URL; it leads to the local cloud (`npm run cloud`).
 * For the address of the local cloud, the token is else the one that it keeps in this checkout.
 * @throws UserError for a token in plain text in the stack's file, unless it is of a local cloud, which
 * opens nothing else.
 */
export function readApi(): Api {
  const config = new pulumi.Config("cloudflare");
  const baseUrl = config.get("baseUrl") || process.env.CLOUDFLARE_BASE_URL || undefined;
  if (!isLoopback(baseUrl)) refuseTokenInClear(pulumi.runtime.allConfig());
  const local = findLocalToken(baseUrl);
  return {
    baseUrl,
    token: config.getSecret("apiToken") ?? (local === undefined ? undefined : pulumi.secret(local)),
  };
}

/** @throws UserError for credentials of the account that anybody can read who has the stack's file. */
function refuseTokenInClear(values: Readonly<Record<string, string>>): void {
  for (const key of credentials) {
    if (!(key in values) || isConfigSecret(key)) continue;
    throw new UserError(
      `${key}: it is in the stack's file in plain text. Roll the token in the dashboard, and set the new one with \`npx pulumi config set -s <stack> --secret ${key}\`, or in the variable CLOUDFLARE_API_TOKEN.`,
    );
  }
}

/** Exported by the SDK, but left out of its types. */
export const { isConfigSecret } = pulumi.runtime as unknown as {
  isConfigSecret(key: string): boolean;
};
