import { fail } from "../api-error.ts";
import { uploadLimit } from "../read-body.ts";
import { release } from "../releases.ts";
import { answer, answerItems, type Call, createRoutes } from "../route.ts";
import { readUpload } from "../upload.ts";
import { findScript, readSource, showVersion } from "./script-views.ts";
import { refuseName } from "./scripts.ts";

/** Versions of a Worker, by its name. */
export const versionRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script/versions",
  [
    ["GET", "", listVersions],
    ["POST", "", uploadVersion, { bodyLimit: uploadLimit }],
    ["GET", "/:version", getVersion],
  ],
);

function listVersions(call: Call) {
  const script = findScript(call);
  const all = call.cloud.listVersions(script);
  return answerItems(
    all.map((version) => showVersion(script, version)),
    call.query,
  );
}

function getVersion(call: Call) {
  const script = findScript(call);
  const version = call.cloud.records.versions.get(call.params.version ?? "");
  if (version?.script === script.tag) return answer(showVersion(script, version));
  throw fail(404, 100146, "The requested Worker version could not be found.");
}

async function uploadVersion(call: Call) {
  const { cloud, account, params, request } = call;
  const name = params.script ?? "";
  refuseName(name);
  // A version is of a Worker that exists.
  findScript(call);
  const { script, version } = await release(cloud, account.id, name, await readUpload(request), {
    source: readSource(call),
    trigger: "version_upload",
    isDeployed: false,
    allowsMigrations: false,
  });
  return answer(showVersion(script, version));
}
