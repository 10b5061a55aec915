import { ApiError, type ApiRequest, type CloudflareApi } from "./api.ts";
import { parseImportId } from "./import-id.ts";
import { convert, sortKeys, toPulumi, toPulumiName, toWire, toWireName } from "./names.ts";
import {
  applyDefaults,
  type Existing,
  type Input,
  listBodyInputs,
  type ResourceType,
} from "./resource-type.ts";
import { dropEmpty, isValues, pick, readText, type Value, type Values } from "./values.ts";

/** A call as `PUT /accounts/{accountId}/workers/domains`; `{…}` is a property or the id. */
type Call = string;

/** A resource that lives in plain JSON calls. */
export interface JsonResource
  extends Pick<ResourceType, "inputs" | "outputs" | "stableOutputs" | "isUnversioned" | "nested"> {
  readonly calls: {
    readonly create: Call;
    readonly read: Call;
    readonly update?: Call;
    readonly delete?: Call;
  };
  /** The property that Pulumi has as the id. */
  readonly id: string;
  /** The property that its outputs have as `id`, where that is another. */
  readonly idInState?: string;
  /** Parts of an import id. */
  readonly importId: readonly string[];
  /** Names that the mechanical rule gets wrong at the top level, by their Pulumi names. */
  readonly wireNames?: Readonly<Record<string, string>>;
  /** Parts of the calls that are no properties. */
  address?(values: Values): Values;
  /** Properties of what an import id names, where they have other names than its parts. */
  fromImportId?(parts: Values): Values;
  /** The API's body where it is not simply an object of the inputs. */
  toBody?(body: Values): Value;
  /** Further headers of every call. */
  headers?(values: Values): Readonly<Record<string, string>>;
}

/** Makes a type of resource of its line in the table. */
export function defineJsonResource(resource: JsonResource): ResourceType {
  const { calls } = resource;

  async function look(api: CloudflareApi, existing: Existing): Promise<Existing> {
    const result = await api.callJson(toRequest(resource, calls.read, existing));
    return toExisting(resource, refresh(resource, existing.state, result));
  }

  const type: ResourceType = {
    inputs: resource.inputs,
    outputs: resource.outputs,
    ...(resource.stableOutputs && { stableOutputs: resource.stableOutputs }),
    ...(resource.isUnversioned && { isUnversioned: resource.isUnversioned }),
    ...(resource.nested && { nested: resource.nested }),

    async create(api, inputs) {
      const body = toBody(resource, applyDefaults(resource, inputs));
      const request = toRequest(resource, calls.create, { id: "", state: inputs }, body);
      return toExisting(resource, fillIn(resource, inputs, await api.callJson(request)));
    },

    async read(api, existing) {
      try {
        return await look(api, existing);
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return undefined;
        throw error;
      }
    },

    async startImport(api, importId) {
      const parts = parseImportId(importId, resource.importId);
      const { id, ...state } = resource.fromImportId?.(parts) ?? parts;
      const existing = { id: String(id ?? state[resource.id]), state };
      const result = await api.callJson(toRequest(resource, calls.read, existing));
      // Here, unlike in a refresh, what is in no answer is taken from nowhere.
      return toExisting(resource, { ...readRefreshed(resource, result), ...state });
    },
  };

  const { update, delete: remove } = calls;
  if (update !== undefined) {
    type.update = async (api, { id, state }, inputs) => {
      const body = toBody(resource, applyDefaults(resource, inputs), state);
      const request = toRequest(resource, update, { id, state: inputs }, body);
      const after = fillIn(resource, inputs, await api.callJson(request));
      return toExisting(resource, after).state;
    };
  }
  if (remove !== undefined) {
    type.delete = async (api, existing) => {
      await api.callJson(toRequest(resource, remove, existing));
    };
  }
  return type;
}

function toRequest(
  resource: JsonResource,
  call: Call,
  { id, state }: Existing,
  body?: Value,
): ApiRequest {
  const [method = "", template = ""] = call.split(" ");
  const parts = { ...state, ...resource.address?.(state), ...(id && { id }) };
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(readText(parts, name)),
  );
  return {
    method,
    path,
    ...(body !== undefined && {
      body: { type: "application/json", bytes: Buffer.from(JSON.stringify(body)) },
    }),
    ...(resource.headers && { headers: resource.headers(state) }),
  };
}

/**
 * Everything the program says, never a part: Cloudflare's PUT replaces. What an update takes away is
 * sent as null.
 */
function toBody(resource: JsonResource, inputs: Values, before: Values = {}): Value {
  const body: Values = {};
  for (const name of listBodyInputs(resource)) {
    const input: Input = resource.inputs[name] ?? {};
    const value = inputs[name] ?? null;
    const isTakenAway = value === null && (before[name] ?? null) !== null && !input.isComputed;
    if (value === null && !isTakenAway) continue;
    const wireName = resource.wireNames?.[name] ?? toWireName(name);
    body[wireName] = input.isMap ? convert(value, (key) => key) : toWire(value);
  }
  const sorted = sortKeys(body);
  return resource.toBody?.(sorted) ?? sorted;
}

/** State after a create or an update: the inputs as they are, and what Cloudflare chose. */
function fillIn(resource: JsonResource, inputs: Values, result: Value): Values {
  const answer = readState(resource, result);
  const isInput = resource.id in resource.inputs;
  const chosen = Object.keys(resource.inputs).filter(
    (name) => resource.inputs[name]?.isComputed && (inputs[name] ?? null) === null,
  );
  return dropEmpty({
    ...applyDefaults(resource, inputs),
    ...addFilledIn(resource, inputs, answer),
    ...pick(answer, [...chosen, ...resource.outputs, ...(isInput ? [] : [resource.id])]),
  });
}

/** Lists whose items Cloudflare gives more members than the program did. */
function addFilledIn(resource: JsonResource, inputs: Values, answer: Values): Values {
  return Object.fromEntries(
    Object.entries(resource.inputs).flatMap(([name, { filledIn = [] }]) => {
      const [given, found] = [inputs[name], answer[name]];
      if (filledIn.length === 0 || !Array.isArray(given) || !Array.isArray(found)) return [];
      const items = given.map((item, index) => {
        const seen = found[index];
        return isValues(item) && isValues(seen) ? { ...item, ...pick(seen, filledIn) } : item;
      });
      return [[name, items]];
    }),
  );
}

/** State after a refresh: everything is the API's, but for the address and what is not refreshed. */
function refresh(resource: JsonResource, before: Values, result: Value): Values {
  const kept = Object.keys(resource.inputs).filter((name) => {
    const input = resource.inputs[name];
    return input?.inPath || input?.isLocal || input?.isNotRefreshed;
  });
  return { ...readRefreshed(resource, result), ...pick(before, kept) };
}

/** What an answer says, without what the real provider takes from no answer of a look. */
function readRefreshed(resource: JsonResource, result: Value): Values {
  const all = Object.entries(readState(resource, result));
  return Object.fromEntries(all.filter(([name]) => !resource.inputs[name]?.isNotRefreshed));
}

/** What an answer says of the properties that the resource has. */
function readState(resource: JsonResource, result: Value): Values {
  if (!isValues(result)) return {};
  const renamed = new Map(
    Object.entries(resource.wireNames ?? {}).map(([ours, theirs]) => [theirs, ours]),
  );
  const all = Object.entries(result).map(([name, value]) => {
    const ours = renamed.get(name) ?? toPulumiName(name);
    const isMap = resource.inputs[ours]?.isMap;
    return [ours, isMap ? convert(value, (key) => key) : toPulumi(value)] as const;
  });
  const known = [...Object.keys(resource.inputs), ...resource.outputs, resource.id];
  return pick(Object.fromEntries(all), known);
}

function toExisting(resource: JsonResource, state: Values): Existing {
  const id = readText(state, resource.id);
  return { id, state: { ...state, id: readText(state, resource.idInState ?? resource.id) } };
}
