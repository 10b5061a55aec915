import * as z from "zod";
import { fail } from "../api-error.ts";
import { makeHexId, now, toHexId } from "../identifiers.ts";
import type { DnsRecord } from "../records.ts";
import { answer, answerPage, type Call, createRoutes } from "../route.ts";
import { findZone } from "./zones.ts";

const body = z.looseObject({
  type: z.string().min(1),
  name: z.string().min(1),
  content: z.string().optional(),
  ttl: z.number().optional(),
  proxied: z.boolean().optional(),
});

/** DNS records of a zone. A custom domain shows as one that only Cloudflare can change. */
export const dnsRecordRoutes = createRoutes("DNS", "/zones/:zone/dns_records", [
  ["GET", "", listRecords],
  ["POST", "", createRecord],
  ["GET", "/:record", (call) => answer(show(findRecord(call)))],
  ["PUT", "/:record", replaceRecord],
  ["PATCH", "/:record", patchRecord],
  ["DELETE", "/:record", deleteRecord],
]);

function listRecords(call: Call) {
  const { query } = call;
  const name = query.get("name.exact") ?? query.get("name");
  const all = listAll(call).filter(
    (each) =>
      (name === null || each.name === name) &&
      (!query.has("type") || each.type === query.get("type")) &&
      (!query.has("content.exact") || each.content === query.get("content.exact")),
  );
  return answerPage(all.map(show), query, 100);
}

function listAll({ cloud, params }: Call): DnsRecord[] {
  const domains = cloud.records.domains.list(({ zoneId }) => zoneId === params.zone);
  return [
    ...cloud.records.dnsRecords.list(({ zone }) => zone === params.zone),
    ...domains.map(({ hostname, service, zoneId }) => ({
      id: toHexId(`dns ${hostname}`),
      zone: zoneId,
      type: "AAAA",
      name: hostname,
      content: "100::",
      proxied: true,
      proxiable: true,
      ttl: 1,
      meta: { origin_worker_id: service, read_only: true },
      created_on: now(),
      modified_on: now(),
    })),
  ];
}

async function createRecord(call: Call) {
  const sent = await call.json(body);
  return answer(show(save(call, sent, makeHexId())));
}

async function replaceRecord(call: Call) {
  const sent = await call.json(body);
  const { id, created_on } = findOwn(call);
  return answer(show(save(call, { ...sent, created_on }, id)));
}

async function patchRecord(call: Call) {
  const sent = await call.json(body.partial());
  const before = findOwn(call);
  const { type = before.type, name = before.name } = sent;
  return answer(show(save(call, { ...before, ...sent, type, name }, before.id)));
}

function save(call: Call, sent: z.infer<typeof body>, id: string): DnsRecord {
  const zone = findZone(call);
  const { records } = call.cloud;
  const short = sent.name.toLowerCase();
  const isFull = short === zone.name || short.endsWith(`.${zone.name}`);
  const name = short === "@" ? zone.name : isFull ? short : `${short}.${zone.name}`;
  const held = records.domains.list(({ hostname }) => hostname === name).at(0);
  if (held !== undefined && ["A", "AAAA", "CNAME"].includes(sent.type)) {
    throw fail(
      400,
      81062,
      `A record with that host is managed by the Worker '${held.service}' as a custom domain.`,
    );
  }
  const time = now();
  return records.dnsRecords.put({
    proxied: false,
    ttl: 1,
    settings: {},
    tags: [],
    comment: null,
    created_on: time,
    ...sent,
    id,
    zone: zone.id,
    name,
    type: sent.type,
    proxiable: true,
    meta: {},
    modified_on: time,
  });
}

function deleteRecord(call: Call) {
  const found = findOwn(call);
  call.cloud.records.dnsRecords.delete(found);
  return answer({ id: found.id });
}

function findRecord(call: Call): DnsRecord {
  const found = listAll(call).find(({ id }) => id === call.params.record);
  if (found !== undefined) return found;
  throw fail(404, 81044, "Record does not exist.");
}

/** One that a person made. @throws ApiError for a custom domain's */
function findOwn(call: Call): DnsRecord {
  const found = findRecord(call);
  const own = call.cloud.records.dnsRecords.get(found.id);
  if (own !== undefined) return own;
  throw fail(400, 1043, "This record is managed by Workers as a custom domain.");
}

function show({ zone: _zone, ...shown }: DnsRecord) {
  return shown;
}
