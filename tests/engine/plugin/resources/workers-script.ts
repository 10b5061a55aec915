import { ApiError, type CloudflareApi } from "../api.ts";
import { parseImportId } from "../import-id.ts";
import { readFirstPart, writeForm } from "../multipart.ts";
import { convert, sortKeys, toPulumi, toWire, toWireName } from "../names.ts";
import {
  applyDefaults,
  type Existing,
  listBodyInputs,
  type ResourceType,
} from "../resource-type.ts";
import {
  bindingMembers,
  hasSecretBinding,
  readBindings,
  refreshBindings,
  toWireBinding,
} from "../script-bindings.ts";
import { checkCode, hashCode, readCode } from "../script-code.ts";
import { dropEmpty, isValues, pick, readText, type Value, type Values } from "../values.ts";

/** A Worker, uploaded as a whole: code, bindings and Durable Object steps in one form. */
export const workersScript: ResourceType = {
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    scriptName: { required: true, inPath: true, replaces: true },
    content: { isLocal: true },
    contentFile: { isLocal: true },
    contentSha256: { isLocal: true },
    contentType: { isLocal: true },
    force: { isLocal: true },
    mainModule: {},
    bodyPart: {},
    bindings: {
      isComputed: true,
      isComputedInside: true,
      filledIn: ["namespaceId"],
      isSecret: hasSecretBinding,
    },
    migrations: {},
    exports: { isMap: true },
    compatibilityDate: { default: "" },
    compatibilityFlags: { isComputed: true, isSet: true },
    keepBindings: { isSet: true },
    keepAssets: {},
    limits: {},
    placement: { isComputed: true, filledIn: ["lastAnalyzedAt", "status"] },
    observability: { filledIn: ["persist"] },
    tailConsumers: { isComputed: true, isSet: true },
    logpush: { default: false },
    cacheOptions: {},
    annotations: { isComputed: true, isComputedInside: true },
    packageDependencies: {},
    usageModel: { default: "standard" },
  },
  outputs: [
    "createdOn",
    "etag",
    "handlers",
    "hasAssets",
    "hasModules",
    "lastDeployedFrom",
    "migrationTag",
    "modifiedOn",
    "namedHandlers",
    "placementMode",
    "placementStatus",
    "startupTimeMs",
  ],
  stableOutputs: ["createdOn"],
  nested: {
    annotations: ["workersTriggeredBy"],
    bindings: bindingMembers,
    observability: ["logs", "traces"],
    placement: ["host", "hostname", "lastAnalyzedAt", "mode", "region", "status", "targets"],
  },
  check: checkCode,

  async create(api, inputs, folder) {
    return toExisting(await upload(api, inputs, folder));
  },

  // All of it again, `migrations` too, whether Cloudflare has applied them or not.
  async update(api, _existing, inputs, folder) {
    return toExisting(await upload(api, inputs, folder)).state;
  },

  async read(api, { state }) {
    const service = await findService(api, state);
    if (service === undefined) return undefined;
    const settings = await api.callJson({ method: "GET", path: `${toPath(state)}/settings` });
    const code = await readLiveCode(api, state);
    return toExisting(refresh(state, service, isValues(settings) ? settings : {}, code));
  },

  async delete(api, { state }) {
    const query = state.force === true ? "?force=true" : "";
    await api.callJson({ method: "DELETE", path: `${toPath(state)}${query}` });
  },

  async startImport(api, importId) {
    const named = parseImportId(importId, ["accountId", "scriptName"]);
    // The provider asks for the code and uses nothing of it.
    await api.call({ method: "GET", path: toPath(named), accept: "application/javascript" });
    return toExisting(named);
  },
};

async function upload(api: CloudflareApi, inputs: Values, folder: string): Promise<Values> {
  const planned = applyDefaults(workersScript, inputs);
  const request = { method: "PUT", path: toPath(inputs), body: writeUpload(planned, folder) };
  const result = await api.callJson(request);
  const answer = isValues(result) ? (toPulumi(result) as Values) : {};
  const chosen = ["compatibilityFlags", "annotations", "tailConsumers"].filter(
    (name) => (planned[name] ?? null) === null,
  );
  return dropEmpty({
    ...planned,
    // Until a refresh looks, the state has an empty one.
    placement: planned.placement ?? {},
    ...pick(answer, [...chosen, ...workersScript.outputs]),
  });
}

/** The form: the code first, under the name of the main module, then what describes it. */
function writeUpload(planned: Values, folder: string): { type: string; bytes: Buffer } {
  const { mainModule, contentType } = planned;
  const isModule = typeof mainModule === "string" && mainModule !== "";
  const name = isModule ? mainModule : "script";
  const usualType = isModule ? "application/javascript+module" : "application/javascript";
  const type = typeof contentType === "string" ? contentType : usualType;
  const metadata = toMetadata(isModule ? planned : { ...planned, bodyPart: "script" });
  return writeForm([
    { name, filename: name, type, bytes: readCode(planned, folder) },
    {
      name: "metadata",
      type: "application/json",
      bytes: Buffer.from(JSON.stringify(metadata)),
    },
  ]);
}

function toMetadata(planned: Values): Values {
  const metadata: Values = {};
  for (const [name, value] of Object.entries(pick(planned, listBodyInputs(workersScript)))) {
    metadata[toWireName(name)] = toWireProperty(name, value);
  }
  return sortKeys(metadata);
}

function toWireProperty(name: string, value: Value): Value {
  if (name === "bindings") return readBindings(value).map(toWireBinding);
  if (workersScript.inputs[name]?.isMap) return convert(value, (key) => key);
  return toWire(value);
}

/** What the account says of the script. Only here is 404 taken for an answer. */
async function findService(api: CloudflareApi, state: Values): Promise<Values | undefined> {
  const path = `/accounts/${toSegment(state, "accountId")}/workers/services/${toSegment(state, "scriptName")}`;
  try {
    const result = await api.callJson({ method: "GET", path });
    const environment = isValues(result) ? result.default_environment : undefined;
    const script = isValues(environment) ? environment.script : undefined;
    return isValues(script) ? script : {};
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

async function readLiveCode(api: CloudflareApi, state: Values): Promise<Buffer> {
  const path = `${toPath(state)}/content/v2`;
  // Cloudflare's Go SDK asks for this type.
  const { type, bytes } = await api.call({ method: "GET", path, accept: "string" });
  return type.startsWith("multipart/") ? readFirstPart(type, bytes) : bytes;
}

function refresh(state: Values, service: Values, settings: Values, code: Buffer): Values {
  const known = [...Object.keys(workersScript.inputs), ...workersScript.outputs];
  // What is not there, or empty, leaves the state as it is; annotations are not looked at.
  const { annotations: _, bindings, placement, ...plain } = settings;
  const live = toPulumi({ ...service, ...plain }) as Values;
  const seen = pick(live, known);
  delete seen.placement;
  const isPlaced = isValues(placement) && (placement.mode ?? null) !== null;
  const { placement: _before, ...kept } = pick(state, known);
  return dropEmpty({
    ...kept,
    ...seen,
    bindings: refreshBindings(state.bindings ?? null, bindings ?? null),
    placement: isPlaced ? toPulumi(placement) : null,
    content: state.contentFile === undefined ? code.toString() : null,
    contentSha256: state.contentSha256 === undefined ? null : hashCode(code),
  });
}

function toPath(values: Values): string {
  return `/accounts/${toSegment(values, "accountId")}/workers/scripts/${toSegment(values, "scriptName")}`;
}

function toSegment(values: Values, name: string): string {
  return encodeURIComponent(readText(values, name));
}

function toExisting(state: Values): Existing {
  const id = readText(state, "scriptName");
  return { id, state: { ...state, id } };
}
