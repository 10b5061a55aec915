import { randomUUID } from "node:crypto";
import * as z from "zod";
import { fail } from "../api-error.ts";
import { isInZone } from "../hosts.ts";
import { makeHexId } from "../identifiers.ts";
import type { CustomDomain, Zone } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findScript } from "./script-views.ts";

const body = z.object({
  hostname: z.string().min(1),
  service: z.string().min(1),
  environment: z.string().nullish(),
  zone_id: z.string().nullish(),
  zone_name: z.string().nullish(),
});
const origins = z.array(z.object({ hostname: z.string(), zone_id: z.string().optional() }));
const records = z.object({
  override_scope: z.boolean().optional(),
  override_existing_origin: z.boolean().optional(),
  override_existing_dns_record: z.boolean().optional(),
  origins,
});

/** Types of DNS records that answer for a host. */
const answering: readonly string[] = ["A", "AAAA", "CNAME"];

/** Custom domains: host names whose only origin is a Worker. */
export const domainRoutes = createRoutes("Workers Scripts", "/accounts/:account/workers", [
  ["GET", "/domains", listDomains],
  ["PUT", "/domains", putDomain],
  ["GET", "/domains/:domain", (call) => answer(show(findDomain(call)))],
  ["DELETE", "/domains/:domain", deleteDomain],
  // What wrangler calls: what would change, and then the change.
  ["POST", "/scripts/:script/domains/changeset", planDomains, { isReading: true }],
  ["PUT", "/scripts/:script/domains/records", putScriptDomains],
]);

function listDomains({ cloud, account, query }: Call) {
  const filters = ["hostname", "service", "zone_id", "zone_name", "environment"] as const;
  const all = cloud.records.domains
    .list((each) => each.account === account.id)
    .map(show)
    .filter((shown) =>
      filters.every((name) => !query.has(name) || shown[name] === query.get(name)),
    );
  return answer(all);
}

async function putDomain(call: Call) {
  const { hostname, service, environment, zone_id, zone_name } = await call.json(body, 100114);
  const zone = findZone(call, hostname, zone_id ?? undefined, zone_name ?? undefined);
  if (call.cloud.findScript(call.account.id, service) === undefined) {
    throw fail(404, 10007, `The Worker '${service}' does not exist on your account.`);
  }
  const conflict = findConflict(call, hostname, service);
  if (conflict !== undefined) throw conflict;
  return answer(show(put(call, zone, hostname, service, environment ?? "production")));
}

function put(
  { cloud, account }: Call,
  zone: Zone,
  hostname: string,
  service: string,
  environment = "production",
): CustomDomain {
  const before = cloud.records.domains.list((each) => each.hostname === hostname).at(0);
  return cloud.records.domains.put({
    id: before?.id ?? makeHexId(),
    certId: before?.certId ?? randomUUID(),
    account: account.id,
    zoneId: zone.id,
    zoneName: zone.name,
    hostname,
    service,
    environment,
  });
}

function deleteDomain(call: Call) {
  const found = findDomain(call);
  call.cloud.records.domains.delete(found);
  return answer({ id: found.id });
}

function findDomain({ cloud, account, params }: Call): CustomDomain {
  const found = cloud.records.domains.get(params.domain ?? "");
  if (found?.account === account.id) return found;
  throw fail(404, 100114, "The requested custom domain could not be found.");
}

function findZone({ cloud, account }: Call, hostname: string, id?: string, name?: string): Zone {
  const zone = cloud.records.zones
    .list((each) => each.account === account.id)
    .find(
      (each) =>
        isInZone(hostname, each) &&
        (id === undefined || each.id === id) &&
        (name === undefined || each.name === name),
    );
  if (zone !== undefined) return zone;
  throw fail(400, 100127, `No zone of this account holds the hostname '${hostname}'.`);
}

/** Who holds the host name, as the error that says so. */
function findConflict({ cloud }: Call, hostname: string, service: string) {
  const other = cloud.records.domains.list((each) => each.hostname === hostname).at(0);
  if (other !== undefined && other.service !== service) {
    return fail(
      409,
      100116,
      `Hostname '${hostname}' is already assigned to the Worker '${other.service}'.`,
    );
  }
  const held = cloud.records.dnsRecords.list(
    ({ name, type }) => name === hostname && answering.includes(type),
  );
  if (held.length === 0) return undefined;
  return fail(
    409,
    100117,
    `Hostname '${hostname}' already has externally managed DNS records (A, CNAME, etc). Either delete them, try a different hostname, or use the option 'override_existing_dns_record' to override.`,
  );
}

async function planDomains(call: Call) {
  const wanted = await call.json(origins);
  const { name } = findScript(call);
  const { domains } = call.cloud.records;
  const mine = domains.list(({ account, service }) => {
    return account === call.account.id && service === name;
  });
  const isMine = (hostname: string) => mine.some((domain) => domain.hostname === hostname);
  const added = wanted.filter(({ hostname }) => !isMine(hostname));
  const conflicting = added.filter(({ hostname }) => findConflict(call, hostname, name));
  const replaces = call.query.get("replace_state") === "true";
  return answer({
    added: added.filter((each) => !conflicting.includes(each)),
    removed: replaces
      ? mine.filter(({ hostname }) => !wanted.some((each) => each.hostname === hostname)).map(show)
      : [],
    updated: [],
    conflicting,
  });
}

/** Takes the place of every custom domain the Worker had. */
async function putScriptDomains(call: Call) {
  const sent = await call.json(records);
  const { name } = findScript(call);
  const { cloud, account } = call;
  const wanted = sent.origins.map(({ hostname, zone_id }) => {
    const isForced =
      sent.override_existing_origin === true || sent.override_existing_dns_record === true;
    const conflict = isForced ? undefined : findConflict(call, hostname, name);
    if (conflict !== undefined) throw conflict;
    return { hostname, zone: findZone(call, hostname, zone_id) };
  });
  const made = cloud.store.change(() => {
    for (const old of cloud.records.domains.list((each) => each.service === name)) {
      const isKept = wanted.some(({ hostname }) => hostname === old.hostname);
      if (old.account === account.id && !isKept) cloud.records.domains.delete(old);
    }
    return wanted.map(({ hostname, zone }) => put(call, zone, hostname, name));
  });
  return answer(made.map(show));
}

function show(domain: CustomDomain) {
  return {
    id: domain.id,
    cert_id: domain.certId,
    zone_id: domain.zoneId,
    zone_name: domain.zoneName,
    environment: domain.environment,
    hostname: domain.hostname,
    service: domain.service,
  };
}
