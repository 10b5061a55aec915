import type { Account } from "./account.ts";
import type { Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

/** Settings that decide where a stack is served. */
type Address = Pick<Settings, "customDomain" | "publicUrl">;

/**
 * The one public base URL of a stack, without a slash at the end: its custom domain, else
 * `publicUrl`, else its port of localhost on the local cloud, else its workers.dev address. It is the OAuth issuer, and every token is bound to it.
 * @throws UserError if the account has no workers.dev subdomain yet.
 */
export async function findOrigin(
  { customDomain, publicUrl }: Address,
  account: Account,
  scriptName: string,
): Promise<string> {
  if (customDomain !== undefined) return `https://${customDomain}`;
  if (publicUrl !== undefined) return publicUrl;
  const local = await account.findLocalOrigin(scriptName);
  if (local !== undefined) return local;
  const subdomain = await account.findWorkersDevSubdomain();
  if (subdomain !== undefined) return `https://${scriptName}.${subdomain}.workers.dev`;
  throw new UserError(
    "workersDev: this account has no workers.dev subdomain yet. Open Workers & Pages in the dashboard once to choose it, or set customDomain or publicUrl.",
  );
}

/**
 * Why a stack may not move from the origin it was last deployed at to another one, or undefined
 * if it may: `allowOriginChange` names exactly the new one.
 */
export function refuseOriginChange(
  last: string,
  next: string,
  { allowOriginChange }: Pick<Settings, "allowOriginChange">,
): string | undefined {
  if (last === next || allowOriginChange === next) return undefined;
  const meant =
    allowOriginChange === undefined
      ? `set it with \`npx pulumi config set -s <stack> allowOriginChange ${next}\``
      : `it holds ${allowOriginChange} now; set it to ${next}`;
  return `allowOriginChange: the stack was deployed at ${last} and would move to ${next}. Every token is bound to the origin, so everybody would be signed out, and every client's configuration names the old one. To stay, take back the change of customDomain, publicUrl, scriptName, the account or the stack's name. If the move is meant, ${meant}.`;
}
