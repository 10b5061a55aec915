import { uploadLimit } from "../read-body.ts";
import { releaseChange } from "../releases.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { readUpload } from "../upload.ts";
import { findScript, findVersionOf, readSource, showScript } from "./script-views.ts";

/** The code of a Worker, byte for byte as it was uploaded. */
export const contentRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script/content",
  [
    ["GET", "/v2", getContent],
    ["PUT", "", putContent, { bodyLimit: uploadLimit }],
  ],
);

function getContent(call: Call) {
  const { cloud } = call;
  const version = findVersionOf(cloud, findScript(call));
  const form = new FormData();
  // The first part is the main module: the provider reads only that one.
  for (const { name, contentType, contents } of cloud.readModules(version)) {
    form.append(name, new Blob([contents], { type: contentType }), name);
  }
  const response = new Response(form);
  response.headers.set("cf-entrypoint", version.modules[0]?.name ?? "");
  return response;
}

/** New code with the previous bindings and settings. */
async function putContent(call: Call) {
  const { cloud, request } = call;
  const { modules, metadata } = await readUpload(request);
  const before = findScript(call);
  const { script, version } = await releaseChange(
    cloud,
    before,
    (kept) => ({ ...kept, main_module: metadata.main_module ?? kept.main_module }),
    { source: readSource(call), trigger: "content" },
    modules,
  );
  return answer(showScript(script, version));
}
