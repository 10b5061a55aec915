import type { CloudflareApi } from "./api.ts";
import { toPulumi } from "./names.ts";
import { dropEmpty, isValues, readText, type Value, type Values } from "./values.ts";

/** A look into the account that a program asks for. */
type Lookup = (api: CloudflareApi, inputs: Values) => Promise<Values>;

const lookups: Readonly<Record<string, Lookup>> = {
  "cloudflare:index/getWorkersScripts:getWorkersScripts": getWorkersScripts,
  "cloudflare:index/getZone:getZone": getZone,
};

/** Finds what a program asks for. @throws Error where the stand-in was not taught it. */
export function runLookup(api: CloudflareApi, token: string, inputs: Values): Promise<Values> {
  const lookup = lookups[token];
  if (lookup === undefined) {
    throw new Error(
      `The stand-in for the Cloudflare provider has no ${token}. Add it to tests/engine/plugin/lookups.ts.`,
    );
  }
  return lookup(api, inputs);
}

async function getWorkersScripts(api: CloudflareApi, inputs: Values): Promise<Values> {
  const account = encodeURIComponent(readText(inputs, "accountId"));
  const path = `/accounts/${account}/workers/scripts${toQuery({ tags: inputs.tags })}`;
  const found = toPulumi(await api.callJson({ method: "GET", path }));
  const maxItems = typeof inputs.maxItems === "number" ? inputs.maxItems : 1000;
  return { ...inputs, results: Array.isArray(found) ? found.slice(0, maxItems) : [] };
}

/** By its id, or by a filter that must find exactly one. */
async function getZone(api: CloudflareApi, inputs: Values): Promise<Values> {
  const zoneId = isValues(inputs.filter)
    ? await findZoneId(api, inputs.filter)
    : readText(inputs, "zoneId");
  const path = `/zones/${encodeURIComponent(zoneId)}`;
  const zone = toPulumi(await api.callJson({ method: "GET", path }));
  return dropEmpty({ ...inputs, ...(isValues(zone) && zone), zoneId });
}

async function findZoneId(api: CloudflareApi, filter: Values): Promise<string> {
  const { account, match = null, ...rest } = filter;
  const { id, name } = isValues(account) ? account : ({} as Values);
  const query = toQuery({ ...rest, match, "account.id": id, "account.name": name });
  const found = await api.callJson({ method: "GET", path: `/zones${query}` });
  const zones = Array.isArray(found) ? found.filter(isValues) : [];
  const [zone] = zones;
  if (zone === undefined || zones.length > 1) {
    throw new Error(`failed to find exactly one result: ${zones.length} found`);
  }
  return readText(zone, "id");
}

/** A query with its keys sorted, as Go writes it. */
function toQuery(values: Readonly<Record<string, Value | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(dropEmpty(values))) query.set(name, String(value));
  query.sort();
  return query.size === 0 ? "" : `?${query}`;
}
