import { toPulumi, toWire } from "./names.ts";
import { isValues, type Value, type Values } from "./values.ts";

/** Types of binding whose value the API never gives back. */
const secretTypes = ["secret_text", "secret_key"];

/** Members that a binding may have beside its name and type, in the real provider's schema. */
export const bindingMembers = [
  "algorithm",
  "allowedDestinationAddresses",
  "allowedSenderAddresses",
  "appId",
  "bucketName",
  "certificateId",
  "className",
  "databaseId",
  "dataset",
  "destinationAddress",
  "dispatchNamespace",
  "entrypoint",
  "environment",
  "format",
  "id",
  "indexName",
  "instanceName",
  "json",
  "jurisdiction",
  "keyBase64",
  "keyJwk",
  "namespace",
  "namespaceId",
  "networkId",
  "oldName",
  "outbound",
  "part",
  "pipeline",
  "queueName",
  "scriptName",
  "secretName",
  "service",
  "serviceId",
  "simple",
  "storeId",
  "text",
  "tunnelId",
  "usages",
  "versionId",
  "workflowName",
] as const;

/** Whether a list of bindings has a secret: the real provider marks the whole list then. */
export function hasSecretBinding(bindings: Value): boolean {
  return readBindings(bindings).some(({ type }) => secretTypes.includes(String(type)));
}

/** A binding as the API takes it. JSON travels as itself; in Pulumi it is a text. */
export function toWireBinding(binding: Values): Value {
  const wire = toWire(binding) as Values;
  return "json" in wire ? { ...wire, json: JSON.parse(String(wire.json)) as Value } : wire;
}

/**
 * What a refresh makes of the bindings: those of the state come first, as they are. So the real
 * provider sees a new binding and a missing secret, but neither an edit nor a missing plain one.
 */
export function refreshBindings(inState: Value, live: Value): Value[] {
  const mine = readBindings(inState);
  const theirs = readBindings(live).map(fromWireBinding);
  const kept = mine.filter((binding) => binding.type !== "secret_text" || has(theirs, binding));
  const added = theirs.filter((binding) => binding.type !== "secret_text" && !has(mine, binding));
  return [...kept, ...added];
}

/** The bindings of a list, without whatever else is in it. */
export function readBindings(bindings: Value | undefined): Values[] {
  return Array.isArray(bindings) ? bindings.filter(isValues) : [];
}

function fromWireBinding(binding: Values): Values {
  const { json, ...rest } = binding;
  const converted = toPulumi(rest) as Values;
  return json === undefined ? converted : { ...converted, json: JSON.stringify(json) };
}

function has(bindings: readonly Values[], { type, name }: Values): boolean {
  return bindings.some((binding) => binding.type === type && binding.name === name);
}
