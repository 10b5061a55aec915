import type { ConfigMap } from "@pulumi/pulumi/automation/index.js";
import { findLocalToken } from "../../../infra/local-token.ts";
import { UserError } from "../../errors.ts";

/** How a stack's Cloudflare account is reached, as its program finds it. */
export interface StackAccount {
  readonly accountId: string;
  readonly apiToken: string;
  /** Undefined: Cloudflare's own API. */
  readonly baseUrl: string | undefined;
}

/**
 * Token, account and base URL of a stack: its settings, else the variables.
 * @param permission the one that the token needs at least, by the dashboard's name.
 * @throws UserError if no account or no token is named.
 */
export function findStackAccount(
  project: string,
  values: ConfigMap,
  permission: string,
): StackAccount {
  const accountId = values[`${project}:accountId`]?.value || process.env.CLOUDFLARE_ACCOUNT_ID;
  if (!accountId) {
    throw new UserError(
      "accountId: no Cloudflare account is named. Set the variable CLOUDFLARE_ACCOUNT_ID; the dashboard's Workers page shows the id.",
    );
  }
  const baseUrl =
    values["cloudflare:baseUrl"]?.value || process.env.CLOUDFLARE_BASE_URL || undefined;
  const apiToken =
    values["cloudflare:apiToken"]?.value ||
    findLocalToken(baseUrl) ||
    process.env.CLOUDFLARE_API_TOKEN;
  if (!apiToken) {
    throw new UserError(
      `cloudflare:apiToken: no API token is set. Set the variable CLOUDFLARE_API_TOKEN to one with the permission ${permission}.`,
    );
  }
  return {
    accountId,
    apiToken,
    baseUrl,
  };
}
