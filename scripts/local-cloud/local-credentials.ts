/** The account that the local cloud has when nobody names one. `Pulumi.local.yaml` names it too. */
export const localAccountId = "10ca110ca110ca110ca110ca110ca110";

export function toBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}/client/v4`;
}

/** Environment variables for a client of the API: Pulumi and the SDKs read the first, wrangler the second. */
export function toEnvironment(
  port: number,
  token: string,
  accountId = localAccountId,
): Readonly<Record<string, string>> {
  return {
    CLOUDFLARE_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_BASE_URL: toBaseUrl(port),
    CLOUDFLARE_API_TOKEN: token,
    CLOUDFLARE_ACCOUNT_ID: accountId,
    // wrangler would go online for them.
    WRANGLER_SEND_METRICS: "false",
  };
}
