import * as z from "zod";
import { fail } from "../api-error.ts";
import { releaseChange } from "../releases.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { checkMetadata } from "../upload.ts";
import {
  findScript,
  findVersionOf,
  readSource,
  showScriptSettings,
  showSettings,
} from "./script-views.ts";

const object = z.record(z.string(), z.unknown());
const scriptSettings = z.object({
  logpush: z.boolean().optional(),
  observability: object.nullish(),
  tail_consumers: z.array(object).nullish(),
  tags: z.array(z.string()).nullish(),
});

/** Settings of a Worker, of its version and of itself. */
export const settingRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script",
  [
    ["GET", "/settings", getSettings],
    ["PATCH", "/settings", patchSettings],
    ["GET", "/script-settings", (call) => answer(showScriptSettings(findScript(call)))],
    ["PATCH", "/script-settings", patchScriptSettings],
  ],
);

function getSettings(call: Call) {
  const script = findScript(call);
  return answer(showSettings(script, findVersionOf(call.cloud, script)));
}

/** A form with a part `settings`, or JSON. Makes a version; what is not named stays. */
async function patchSettings(call: Call) {
  const { request, cloud } = call;
  const sent = await readSettings(request);
  const patch = checkMetadata(sent);
  const { script, version } = await releaseChange(
    cloud,
    findScript(call),
    (metadata) => {
      const named = Object.fromEntries(
        Object.entries(patch).filter(([name]) => name in sent && name !== "keep_bindings"),
      );
      return { ...metadata, ...named };
    },
    { source: readSource(call), trigger: "settings" },
  );
  return answer(showSettings(script, version));
}

async function readSettings(request: Request): Promise<Record<string, unknown>> {
  const type = request.headers.get("content-type") ?? "";
  try {
    if (!type.startsWith("multipart/form-data")) return object.parse(await request.json());
    const part = (await request.formData()).get("settings");
    return object.parse(
      JSON.parse(typeof part === "string" ? part : await new Response(part).text()),
    );
  } catch {
    throw fail(400, 10021, "settings: the form has no part of this name that is a JSON object.");
  }
}

async function patchScriptSettings(call: Call) {
  const { logpush, observability, tail_consumers, tags } = await call.json(scriptSettings);
  const script = findScript(call);
  const changed = call.cloud.records.scripts.put({
    ...script,
    ...(logpush !== undefined && { logpush }),
    ...(observability !== undefined && { observability: observability ?? undefined }),
    ...(tail_consumers !== undefined && { tailConsumers: tail_consumers }),
    ...(tags !== undefined && { tags: tags ?? [] }),
  });
  return answer(showScriptSettings(changed));
}
