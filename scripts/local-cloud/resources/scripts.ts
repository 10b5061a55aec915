import { fail } from "../api-error.ts";
import { uploadLimit } from "../read-body.ts";
import type { Script } from "../records.ts";
import { release } from "../releases.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { readUpload } from "../upload.ts";
import { findScript, findVersionOf, readSource, showScript } from "./script-views.ts";

/** Names that a Worker can have. */
const nameForm = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;

/** Workers. */
export const scriptRoutes = createRoutes("Workers Scripts", "/accounts/:account/workers", [
  ["GET", "/scripts", listScripts],
  ["PUT", "/scripts/:script", uploadScript, { bodyLimit: uploadLimit }],
  ["GET", "/scripts/:script", downloadScript],
  ["DELETE", "/scripts/:script", deleteScript],
  // What wrangler calls.
  ["DELETE", "/services/:script", deleteScript],
]);

function listScripts({ cloud, account }: Call) {
  const scripts = cloud.records.scripts.list((each) => each.account === account.id);
  return answer(
    scripts
      .filter((script) => cloud.newestVersion(script) !== undefined)
      .map((script) => showScript(script, findVersionOf(cloud, script))),
  );
}

async function uploadScript(call: Call) {
  const { cloud, account, params, request } = call;
  const name = params.script ?? "";
  refuseName(name);
  const upload = await readUpload(request);
  const { script, version } = await release(cloud, account.id, name, upload, {
    source: readSource(call),
    trigger: "upload",
    isDeployed: true,
    allowsMigrations: true,
  });
  return answer({
    ...showScript(script, version),
    // The version's id, undashed: wrangler puts the dashes in and shows it as the version.
    deployment_id: version.id.replaceAll("-", ""),
  });
}

/** @throws ApiError for a name that no Worker can have. */
export function refuseName(name: string): void {
  if (nameForm.test(name)) return;
  throw fail(
    400,
    10016,
    `"${name}" cannot name a Worker: give 1 to 63 characters of a-z, 0-9, _ and -, with a letter or digit at either end.`,
  );
}

/** The code of the main module. */
function downloadScript(call: Call) {
  const { cloud } = call;
  const [main] = cloud.readModules(findVersionOf(cloud, findScript(call)));
  return new Response(main?.contents, {
    headers: { "content-type": "application/javascript" },
  });
}

function deleteScript(call: Call) {
  const { cloud, account, query, params } = call;
  return cloud.locks.run(`${account.id}/${params.script}`, async () => {
    const script = findScript(call);
    if (query.get("force") !== "true") refuseReferenced(call, script);
    cloud.store.change(() => cloud.removeScript(script));
    cloud.reload();
    return answer(null);
  });
}

/** @throws ApiError if another Worker is bound to this one. */
export function refuseReferenced({ cloud, account }: Call, script: Script): void {
  for (const other of cloud.records.scripts.list((each) => each.account === account.id)) {
    if (other.tag === script.tag) continue;
    const binding = cloud
      .servingVersion(other)
      ?.bindings.find(
        ({ service, script_name }) => service === script.name || script_name === script.name,
      );
    if (binding === undefined) continue;
    throw fail(
      400,
      10064,
      `This Worker cannot be deleted: the Worker '${other.name}' is bound to it (${binding.name}). Remove the binding, or delete with force=true.`,
    );
  }
}
