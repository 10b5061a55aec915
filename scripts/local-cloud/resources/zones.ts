import * as z from "zod";
import { fail } from "../api-error.ts";
import { checkAccess } from "../authorization.ts";
import { makeHexId, now, toHexId } from "../identifiers.ts";
import type { Account, Zone } from "../records.ts";
import { answer, answerPage, type Call, createRoutes } from "../route.ts";

const permission = "Zone";
const body = z.object({
  name: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, "must be a domain like example.com"),
  account: z.object({ id: z.string() }),
  type: z.string().optional(),
});

/** Zones: the account's domains. */
export const zoneRoutes = createRoutes("Zone", "/zones", [
  ["GET", "", listZones],
  ["POST", "", createZone],
  ["GET", "/:zone", getZone],
  ["DELETE", "/:zone", deleteZone],
]);

function listZones(call: Call) {
  const { cloud, query, token } = call;
  const all = cloud.records.zones
    .list(({ account }) => token.accounts === "all" || token.accounts.includes(account))
    .map((zone) => show(zone, cloud.records.accounts.get(zone.account)))
    .filter(
      (zone) =>
        matches(query.get("name"), zone.name) &&
        matches(query.get("account.id"), zone.account.id) &&
        matches(query.get("account.name"), zone.account.name) &&
        matches(query.get("status"), zone.status),
    )
    .toSorted((one, other) => one.name.localeCompare(other.name));
  if (query.get("direction") === "desc") all.reverse();
  return answerPage(all, query);
}

function matches(wanted: string | null, has: string): boolean {
  return wanted === null || wanted === "" || wanted === has;
}

function getZone(call: Call) {
  return answer(show(findZone(call), call.account));
}

/** The zone of the path. @throws ApiError 9109 */
export function findZone({ cloud, params }: Call): Zone {
  const zone = cloud.records.zones.get(params.zone ?? "");
  if (zone === undefined) throw fail(403, 9109, "Unauthorized to access requested resource");
  return zone;
}

async function createZone(call: Call) {
  const { name, account } = await call.json(body);
  const { accounts, zones } = call.cloud.records;
  const owner = accounts.get(account.id);
  if (owner === undefined) throw fail(403, 10000, "Authentication error");
  checkAccess(call.token, owner, permission, false);
  if (zones.list((zone) => zone.name === name).length > 0) {
    throw fail(400, 1061, `${name} already exists.`);
  }
  return answer(
    show(zones.put({ id: makeHexId(), account: owner.id, name, createdOn: now() }), owner),
  );
}

/** With its records, routes and domains. */
function deleteZone({ cloud, params }: Call) {
  const { zones, dnsRecords, routes, domains } = cloud.records;
  cloud.store.change(() => {
    for (const each of dnsRecords.list(({ zone }) => zone === params.zone)) dnsRecords.delete(each);
    for (const each of routes.list(({ zone }) => zone === params.zone)) routes.delete(each);
    for (const each of domains.list(({ zoneId }) => zoneId === params.zone)) domains.delete(each);
    const zone = zones.get(params.zone ?? "");
    if (zone !== undefined) zones.delete(zone);
  });
  return answer({ id: params.zone });
}

function show({ id, name, createdOn }: Zone, account: Account | undefined) {
  return {
    id,
    name,
    status: "active",
    paused: false,
    type: "full",
    development_mode: 0,
    name_servers: ["ada.ns.example", "bob.ns.example"],
    original_name_servers: null,
    original_registrar: null,
    original_dnshost: null,
    meta: { step: 4, phishing_detected: false },
    owner: { type: "user" },
    plan: { id: toHexId("free plan"), name: "Free Website", legacy_id: "free", price: 0 },
    created_on: createdOn,
    modified_on: createdOn,
    activated_on: createdOn,
    account: { id: account?.id ?? "", name: account?.name ?? "" },
  };
}
