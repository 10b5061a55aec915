import * as z from "zod";
import type { WorkerSettings } from "../worker/env.ts";
import { hostname, httpsUrl } from "../worker/identity/declaration.ts";
import type { ScopeCatalogue } from "../worker/kit/define-scopes.ts";
import { listScopes } from "../worker/mcp/scopes.ts";
import type { Settings } from "./settings.ts";

/** A company that decides for its people, as a stack names it. */
export const enterpriseIssuer = z.strictObject({
  /** Who signs: `iss` of its assertions. */
  issuer: httpsUrl,
  /** Where its public keys are. */
  jwksUrl: httpsUrl,
  /** Clients that may come with its assertions: ids, or the URLs of their metadata documents. */
  clientIds: z.array(z.string().min(1)).min(1),
  /** Scopes that its people may have at most. */
  scopes: z.array(z.string().min(1)).min(1),
  /** Domains whose addresses it vouches for. */
  domains: z.array(hostname).default([]),
  /** Claim that names a person's groups, for scopesByGroup. */
  groupsClaim: z.string().min(1).optional(),
  /** Whether an assertion without a scope gives all that its people may have. */
  allowNoScope: z.boolean().default(false),
  /** Whether a client without a secret and without a key may come. */
  allowPublicClients: z.boolean().default(false),
});

type Issuers = Settings["enterpriseIssuers"];

/** Every rule on companies that a stack breaks, each with the way out. @param catalogue the server's scopes. */
export function checkIssuers(
  { enterpriseIssuers, preRegisteredClients }: Settings,
  catalogue: ScopeCatalogue | undefined,
): string[] {
  const names = enterpriseIssuers.map(({ issuer }) => issuer);
  const isPublic = (id: string) =>
    preRegisteredClients.some(({ clientId, secretSha256 }) => clientId === id && !secretSha256);
  return enterpriseIssuers.flatMap(({ issuer, scopes, clientIds, allowPublicClients }, index) => {
    const field = `enterpriseIssuers.${index}`;
    const problems: string[] = [];
    if (names.indexOf(issuer) !== index) {
      problems.push(`${field}.issuer: "${issuer}" is there twice. Merge the two.`);
    }
    const known = catalogue && listScopes(catalogue);
    for (const scope of scopes.filter((name) => known?.includes(name) === false)) {
      problems.push(
        `${field}.scopes: the server has no scope "${scope}". It has: ${known?.join(", ")}.`,
      );
    }
    const bare = allowPublicClients ? undefined : clientIds.find(isPublic);
    if (bare !== undefined) {
      problems.push(
        `${field}.clientIds: "${bare}" is a client without a secret, which may come with no assertion. Give it a secretSha256 in preRegisteredClients, or set allowPublicClients of the issuer.`,
      );
    }
    return problems;
  });
}

/** The issuers as the Worker reads them; undefined if there are none. */
export function toEnterpriseSettings(issuers: Issuers): WorkerSettings["enterprise"] {
  if (issuers.length === 0) return undefined;
  return issuers.map(({ jwksUrl: keysUrl, groupsClaim, ...issuer }) => ({
    ...issuer,
    keysUrl,
    ...(groupsClaim !== undefined && { groupsClaim }),
  }));
}
