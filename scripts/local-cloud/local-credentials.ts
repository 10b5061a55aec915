/** The account that the local cloud has when nobody names one. `Pulumi.local.yaml` names it too. */
export const localAccountId = "10ca110ca110ca110ca110ca110ca110";

/**
 * The token that opens the local cloud. No secret: it is worth nothing anywhere else, and the API
 * answers on this machine's loopback only.
 */
export const localToken = "local-cloud-token-it-opens-this-machine-only";

/** Base URL of the API. */
export function toBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}/client/v4`;
}

/** What a client of the API needs in its environment: Pulumi and the SDKs read the first, wrangler the second. */
export function toEnvironment(
  port: number,
  accountId = localAccountId,
): Readonly<Record<string, string>> {
  return {
    CLOUDFLARE_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_TOKEN: localToken,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    // wrangler would go online for them.
    WRANGLER_SEND_METRICS: "false",
  };
}
