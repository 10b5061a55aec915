import { fail } from "../api-error.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findVersionOf, showBindings, showScript } from "./script-views.ts";

/** Workers under their older name. Here the provider and wrangler look whether one exists. */
export const serviceRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/services/:script",
  [
    ["GET", "", showService],
    ["GET", "/environments/production", (call) => answer(showEnvironment(call))],
    ["GET", "/environments/production/bindings", listBindings],
    ["GET", "/references", listReferences],
  ],
);

/** @throws ApiError 10090: another code than that of scripts. */
function findService({ cloud, account, params }: Call) {
  const script = cloud.findScript(account.id, params.script ?? "");
  if (script === undefined || cloud.newestVersion(script) === undefined) {
    throw fail(404, 10090, "This service does not exist on your account.");
  }
  return { script, version: findVersionOf(cloud, script) };
}

function showService(call: Call) {
  const { script } = findService(call);
  return answer({
    id: script.name,
    default_environment: showEnvironment(call),
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
  });
}

function showEnvironment(call: Call) {
  const { script, version } = findService(call);
  return {
    environment: "production",
    created_on: script.createdOn,
    modified_on: script.modifiedOn,
    script: showScript(script, version),
  };
}

function listBindings(call: Call) {
  const { script, version } = findService(call);
  return answer(showBindings(script, version));
}

/** Who is bound to it. */
function listReferences(call: Call) {
  const { script } = findService(call);
  const { cloud, account } = call;
  const incoming = cloud.records.scripts
    .list((each) => each.account === account.id && each.tag !== script.tag)
    .flatMap((other) =>
      (cloud.servingVersion(other)?.bindings ?? [])
        .filter(({ service, script_name }) => [service, script_name].includes(script.name))
        .map(({ name, type }) => ({ service: other.name, environment: "production", name, type })),
    );
  return answer({
    services: { incoming, outgoing: [], pages_function: false },
    durable_objects: [],
    dispatch_outbounds: [],
  });
}
