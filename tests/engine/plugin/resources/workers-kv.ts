import { ApiError, type ApiRequest, type CloudflareApi } from "../api.ts";
import { parseImportId } from "../import-id.ts";
import { type Part, writeForm } from "../multipart.ts";
import type { Existing, ResourceType } from "../resource-type.ts";
import { dropEmpty, pick, readText, type Values } from "../values.ts";

/** A value in a KV namespace. Not in the recorded traffic: from the sources of the provider. */
export const workersKv: ResourceType = {
  inputs: {
    accountId: { required: true, inPath: true, replaces: true },
    namespaceId: { required: true, inPath: true, replaces: true },
    keyName: { required: true, inPath: true, replaces: true },
    value: { required: true },
    metadata: {},
  },
  outputs: [],

  async create(api, inputs) {
    return toExisting(await write(api, inputs));
  },

  async read(api, { state }) {
    try {
      return toExisting({
        ...pick(state, Object.keys(workersKv.inputs)),
        ...(await look(api, state)),
      });
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  },

  async update(api, _existing, inputs) {
    return toExisting(await write(api, inputs)).state;
  },

  async delete(api, { state }) {
    await api.callJson(toRequest("DELETE", "values", state));
  },

  async startImport(api, importId) {
    const named = parseImportId(importId, ["accountId", "namespaceId", "keyName"]);
    return toExisting({ ...named, ...(await look(api, named)) });
  },
};

async function write(api: CloudflareApi, inputs: Values): Promise<Values> {
  const parts: Part[] = [{ name: "value", bytes: Buffer.from(readText(inputs, "value")) }];
  if (typeof inputs.metadata === "string") {
    parts.push({ name: "metadata", bytes: Buffer.from(inputs.metadata) });
  }
  await api.callJson({ ...toRequest("PUT", "values", inputs), body: writeForm(parts) });
  return inputs;
}

/** The value as it is, and its metadata, which may be missing. */
async function look(api: CloudflareApi, key: Values): Promise<Values> {
  const request = { ...toRequest("GET", "values", key), accept: "application/octet-stream" };
  const { bytes } = await api.call(request);
  const metadata = await api.callJson(toRequest("GET", "metadata", key)).catch((error) => {
    if (error instanceof ApiError) return null;
    throw error;
  });
  return dropEmpty({
    value: bytes.toString(),
    metadata: metadata === null ? null : JSON.stringify(metadata),
  });
}

function toRequest(method: string, part: "values" | "metadata", key: Values): ApiRequest {
  const [account, namespace, name] = ["accountId", "namespaceId", "keyName"].map((property) =>
    encodeURIComponent(readText(key, property)),
  );
  return {
    method,
    path: `/accounts/${account}/storage/kv/namespaces/${namespace}/${part}/${name}`,
  };
}

function toExisting(state: Values): Existing {
  const id = readText(state, "keyName");
  return { id, state: { ...state, id } };
}
