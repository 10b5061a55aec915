import * as z from "zod";
import { fail } from "../api-error.ts";
import { isInZone, parsePattern } from "../hosts.ts";
import { makeHexId } from "../identifiers.ts";
import type { WorkerRoute, Zone } from "../records.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findScript } from "./script-views.ts";
import { findZone } from "./zones.ts";

const body = z.object({ pattern: z.string(), script: z.string().nullish() });
const scriptBody = z.array(
  z.object({
    pattern: z.string(),
    zone_id: z.string().optional(),
    zone_name: z.string().optional(),
  }),
);

/** Routes of a zone: which Worker answers at which addresses. */
export const routeRoutes = createRoutes("Workers Routes", "", [
  [
    "GET",
    "/zones/:zone/workers/routes",
    ({ cloud, params }) =>
      answer(cloud.records.routes.list(({ zone }) => zone === params.zone).map(show)),
  ],
  ["POST", "/zones/:zone/workers/routes", createRoute],
  ["GET", "/zones/:zone/workers/routes/:route", (call) => answer(show(findRoute(call)))],
  ["PUT", "/zones/:zone/workers/routes/:route", updateRoute],
  ["DELETE", "/zones/:zone/workers/routes/:route", deleteRoute],
  // What wrangler calls: all routes of one Worker.
  ["PUT", "/accounts/:account/workers/scripts/:script/routes", putScriptRoutes],
]);

async function createRoute(call: Call) {
  const { pattern, script } = await call.json(body, 10022);
  const zone = findZone(call);
  checkRoute(call, zone, pattern, script ?? undefined);
  const route = { id: makeHexId(), zone: zone.id, pattern, script: script || undefined };
  return answer(show(call.cloud.records.routes.put(route)));
}

async function updateRoute(call: Call) {
  const { pattern, script } = await call.json(body, 10022);
  const found = findRoute(call);
  checkRoute(call, findZone(call), pattern, script ?? undefined, found.id);
  return answer(
    show(call.cloud.records.routes.put({ ...found, pattern, script: script || undefined })),
  );
}

function deleteRoute(call: Call) {
  const found = findRoute(call);
  call.cloud.records.routes.delete(found);
  return answer({ id: found.id });
}

/** Takes the place of every route the Worker had. */
async function putScriptRoutes(call: Call) {
  const wanted = await call.json(scriptBody, 10022);
  const { cloud, account } = call;
  const { name } = findScript(call);
  const { routes, zones } = cloud.records;
  const mine = zones.list((zone) => zone.account === account.id);
  const made = wanted.map(({ pattern, zone_id, zone_name }) => {
    const host = parsePattern(pattern)?.host.replace(/^\*\.?/, "") ?? "";
    const zone = mine.find(
      (each) =>
        each.id === zone_id ||
        each.name === zone_name ||
        (zone_id === undefined && zone_name === undefined && isInZone(host, each)),
    );
    if (zone === undefined) throw fail(400, 10022, `No zone of this account holds ${pattern}.`);
    const before = routes.list((each) => each.zone === zone.id && each.pattern === pattern).at(0);
    // One that leads nowhere is taken over, another Worker's is not.
    const own = before?.script === undefined || before.script === name ? before?.id : undefined;
    checkRoute(call, zone, pattern, name, own);
    return { id: before?.id ?? makeHexId(), zone: zone.id, pattern, script: name };
  });
  cloud.store.change(() => {
    const kept = new Set(made.map(({ id }) => id));
    for (const old of routes.list(({ script, zone }) => isOf(script, zone))) {
      if (!kept.has(old.id)) routes.delete(old);
    }
    for (const route of made) routes.put(route);
  });
  return answer(made.map(show));

  function isOf(script: string | undefined, zone: string): boolean {
    return script === name && zones.get(zone)?.account === account.id;
  }
}

/** @throws ApiError 10022 for a wrong pattern, 10020 for one that is taken, 10019 for a missing Worker. */
function checkRoute(
  { cloud, account }: Call,
  zone: Zone,
  pattern: string,
  script: string | undefined,
  own?: string,
): void {
  const parsed = parsePattern(pattern);
  const host = parsed?.host.replace(/^\*\.?/, "");
  if (host === undefined || !isInZone(host, zone)) {
    throw fail(
      400,
      10022,
      `Invalid route pattern "${pattern}": it must be a host of ${zone.name}, with * only at the start of the host or the end of the path.`,
    );
  }
  const taken = cloud.records.routes
    .list((each) => each.zone === zone.id && each.pattern === pattern && each.id !== own)
    .at(0);
  if (taken !== undefined) {
    const holder = taken.script === undefined ? "" : ` It belongs to '${taken.script}'.`;
    throw fail(409, 10020, `A route with the same pattern already exists.${holder}`);
  }
  if (script && cloud.findScript(account.id, script) === undefined) {
    throw fail(404, 10019, `The script '${script}' does not exist on your account.`);
  }
}

function findRoute({ cloud, params }: Call): WorkerRoute {
  const found = cloud.records.routes.get(params.route ?? "");
  if (found !== undefined && found.zone === params.zone) return found;
  throw fail(404, 10009, "The requested route could not be found.");
}

function show({ id, pattern, script }: WorkerRoute) {
  return { id, pattern, ...(script !== undefined && { script }) };
}
