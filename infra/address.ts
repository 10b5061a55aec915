import type * as pulumi from "@pulumi/pulumi";
import type { Account } from "./account.ts";
import * as cloudflare from "./cloudflare.ts";
import type { Settings } from "./settings.ts";
import { UserError } from "./user-error.ts";

/**
 * Id of the zone of the custom domain and the routes, if a stack has either.
 * @throws UserError if the account does not have the zone.
 */
export async function findZone(
  { zone, customDomain, routes }: Settings,
  account: Account,
): Promise<string | undefined> {
  if (zone === undefined || (customDomain === undefined && routes.length === 0)) return undefined;
  const id = await account.findZoneId(zone);
  if (id !== undefined) return id;
  throw new UserError(
    `zone: this account has no zone "${zone}", or the API token may not read it. Add the domain to Cloudflare, or give the token the permission Zone Read.`,
  );
}

/**
 * Holds the custom domain to what is free or this Worker's own. Cloudflare would refuse the others
 * with 100116 or 100117, and not say who has the name.
 * @throws UserError that names the Worker or the DNS record.
 */
export async function refuseHeldDomain(
  { customDomain }: Settings,
  zoneId: string | undefined,
  scriptName: string,
  account: Account,
): Promise<void> {
  if (customDomain === undefined || zoneId === undefined) return;
  const { worker, records } = await account.findHolder(customDomain, zoneId);
  if (worker === scriptName) return;
  if (worker !== undefined) {
    throw new UserError(
      `customDomain: ${customDomain} belongs to the Worker "${worker}". Choose another name, or take it from that Worker first (dashboard, Workers & Pages, ${worker}, Domains & Routes).`,
    );
  }
  if (records.length > 0) {
    throw new UserError(
      `customDomain: ${customDomain} has the DNS record ${records.join(", ")}. Choose another name, or delete the record first. To keep the record and send a path of it here, set publicUrl and routes instead.`,
    );
  }
}

export interface AddressParts {
  readonly accountId: string;
  readonly zoneId: string | undefined;
  readonly settings: Settings;
}

/** Everything that points at the Worker: workers.dev, the custom domain, the routes. */
export function createAddresses(
  parent: pulumi.Resource,
  script: cloudflare.WorkersScript,
  { accountId, zoneId, settings }: AddressParts,
): void {
  const { scriptName } = script;
  // Preview URLs would be further origins, and their tokens useless at this one.
  new cloudflare.WorkersScriptSubdomain(
    "workers-dev",
    { accountId, scriptName, enabled: settings.workersDev, previewsEnabled: false },
    { parent },
  );
  if (zoneId === undefined) return;
  if (settings.customDomain !== undefined) {
    new cloudflare.WorkersCustomDomain(
      "domain",
      { accountId, zoneId, hostname: settings.customDomain, service: scriptName },
      // A name has one holder: the new one could not be made beside the old one.
      { parent, deleteBeforeReplace: true },
    );
  }
  for (const pattern of settings.routes) {
    new cloudflare.WorkersRoute(
      `route ${pattern}`,
      { zoneId, pattern, script: scriptName },
      { parent, deleteBeforeReplace: true },
    );
  }
}
