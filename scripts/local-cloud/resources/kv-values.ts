import * as z from "zod";
import { fail } from "../api-error.ts";
import { kvLimits } from "../billing-plan.ts";
import { listLimit, uploadLimit } from "../read-body.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { findNamespace } from "./kv-namespaces.ts";

/** Seconds; Cloudflare keeps nothing for a shorter time. */
const shortestLife = 60;

const lifetime = {
  expiration: z.int().optional(),
  expiration_ttl: z.int().optional(),
};
const pairs = z
  .array(
    z.object({
      key: z.string(),
      value: z.string(),
      base64: z.boolean().default(false),
      metadata: z.unknown().optional(),
      ...lifetime,
    }),
  )
  .max(10_000);
const keyNames = z.array(z.string()).max(10_000);
const wantedKeys = z.object({
  keys: z.array(z.string()).max(100),
  type: z.enum(["text", "json"]).default("text"),
  withMetadata: z.boolean().default(false),
});

/** Values in KV namespaces: what the deployed Workers see. */
export const kvValueRoutes = createRoutes(
  "Workers KV Storage",
  "/accounts/:account/storage/kv/namespaces/:namespace",
  [
    ["GET", "/keys", listKeys],
    ["GET", "/values/:key{.+}", getValue],
    // With the other parts of a form.
    ["PUT", "/values/:key{.+}", putValue, { bodyLimit: 2 * kvLimits.value }],
    ["DELETE", "/values/:key{.+}", deleteValue],
    ["GET", "/metadata/:key{.+}", getMetadata],
    ["PUT", "/bulk", putPairs, { bodyLimit: uploadLimit }],
    ["DELETE", "/bulk", deleteKeys],
    ["POST", "/bulk/delete", deleteKeys, { bodyLimit: listLimit }],
    ["POST", "/bulk/get", getKeys, { isReading: true }],
  ],
);

async function listKeys(call: Call) {
  const { id } = findNamespace(call);
  const { query, cloud } = call;
  const limit = Math.min(Number(query.get("limit") ?? 1000) || 1000, 1000);
  const cursor = query.get("cursor");
  const list = await cloud.storage.listKeys(id, {
    prefix: query.get("prefix") ?? "",
    limit,
    ...(cursor && { cursor }),
  });
  return {
    result: list.keys,
    resultInfo: { count: list.keys.length, cursor: list.list_complete ? "" : (list.cursor ?? "") },
  };
}

async function getValue(call: Call) {
  const { value, metadata } = await readValue(call);
  const headers = new Headers({ "content-type": "application/octet-stream" });
  if (metadata !== null) headers.set("cf-kv-metadata", JSON.stringify(metadata));
  return new Response(value, { headers });
}

async function getMetadata(call: Call) {
  return answer((await readValue(call)).metadata);
}

async function readValue(call: Call) {
  const { id } = findNamespace(call);
  const found = await call.cloud.storage.getValue(id, readKey(call));
  if (found === undefined) throw fail(404, 10009, "get: 'key not found'");
  return found;
}

/** The Pulumi provider sends a form, wrangler and the dashboard the bare value. */
async function putValue(call: Call) {
  const { id } = findNamespace(call);
  const key = readKey(call);
  const { query, request } = call;
  const type = request.headers.get("content-type") ?? "";
  const form = type.startsWith("multipart/form-data") ? await request.formData() : undefined;
  const part = form?.get("value");
  if (part === null) throw fail(400, 10012, "put: the form has no part named value");
  const value = new Uint8Array(
    part === undefined ? await request.arrayBuffer() : await new Response(part).arrayBuffer(),
  );
  const sent = form?.get("metadata");
  const metadata = typeof sent === "string" && sent !== "" ? parseMetadata(sent) : undefined;
  await put(call, id, key, value, {
    metadata,
    expiration: readNumber(query.get("expiration")),
    expiration_ttl: readNumber(query.get("expiration_ttl")),
  });
  return answer(null);
}

async function putPairs(call: Call) {
  const { id } = findNamespace(call);
  const list = (await call.json(pairs, 10012)).map(({ key, value, base64, ...parts }) => {
    const bytes = Buffer.from(value, base64 ? "base64" : "utf8");
    return { key, value: new Uint8Array(bytes), parts };
  });
  // All of them first: none is written if one is wrong.
  for (const { key, value, parts } of list) checkPut(key, value, parts);
  for (const { key, value, parts } of list) await put(call, id, key, value, parts);
  return answer({ successful_key_count: list.length, unsuccessful_keys: [] });
}

async function deleteValue(call: Call) {
  const { id } = findNamespace(call);
  await call.cloud.storage.deleteValues(id, [readKey(call)]);
  return answer(null);
}

async function deleteKeys(call: Call) {
  const { id } = findNamespace(call);
  const keys = await call.json(keyNames, 10012);
  await call.cloud.storage.deleteValues(id, keys);
  return answer({ successful_key_count: keys.length, unsuccessful_keys: [] });
}

async function getKeys(call: Call) {
  const { id } = findNamespace(call);
  const { keys, type, withMetadata } = await call.json(wantedKeys, 10012);
  const values = await Promise.all(
    keys.map(async (key) => {
      const found = await call.cloud.storage.getValue(id, key);
      if (found === undefined) return [key, null];
      const text = new TextDecoder().decode(found.value);
      const value = type === "json" ? parseValue(key, text) : text;
      return [key, withMetadata ? { value, metadata: found.metadata } : value];
    }),
  );
  return answer({ values: Object.fromEntries(values) });
}

interface PutParts {
  readonly metadata?: unknown;
  readonly expiration?: number | undefined;
  readonly expiration_ttl?: number | undefined;
}

async function put(
  { cloud }: Call,
  id: string,
  key: string,
  value: Uint8Array,
  parts: PutParts,
): Promise<void> {
  checkPut(key, value, parts);
  const { metadata, expiration, expiration_ttl } = parts;
  await cloud.storage.putValue(id, key, value, {
    ...(metadata !== undefined && { metadata }),
    ...(expiration !== undefined && { expiration }),
    ...(expiration_ttl !== undefined && { expirationTtl: expiration_ttl }),
  });
}

/** @throws ApiError for what KV does not take. */
function checkPut(
  key: string,
  value: Uint8Array,
  { metadata, expiration, expiration_ttl }: PutParts,
): void {
  checkKey(key);
  if (value.byteLength > kvLimits.value) {
    throw fail(413, 10012, `put: 'value of ${key} exceeds the limit of ${kvLimits.value} bytes'`);
  }
  if (metadata !== undefined && Buffer.byteLength(JSON.stringify(metadata)) > kvLimits.metadata) {
    throw fail(400, 10012, `put: 'metadata exceeds the limit of ${kvLimits.metadata} bytes'`);
  }
  if (expiration_ttl !== undefined && expiration_ttl < shortestLife) {
    throw fail(
      400,
      10034,
      `put: 'Invalid expiration_ttl of ${expiration_ttl}. Expiration TTL must be at least ${shortestLife}.'`,
    );
  }
  if (expiration !== undefined && expiration < Date.now() / 1000 + shortestLife) {
    throw fail(
      400,
      10034,
      `put: 'Invalid expiration of ${expiration}. It must be at least ${shortestLife} seconds in the future.'`,
    );
  }
}

/** The key of the path, which may hold slashes. @throws ApiError for one that is too long. */
function readKey({ params }: Call): string {
  const key = params.key ?? "";
  checkKey(key);
  return key;
}

function checkKey(key: string): void {
  if (key === "." || key === "..") throw fail(400, 10012, `'${key}' is not allowed as a key`);
  if (Buffer.byteLength(key) <= kvLimits.key) return;
  throw fail(
    414,
    10012,
    `UTF-8 encoded length of ${Buffer.byteLength(key)} exceeds key length limit of ${kvLimits.key}.`,
  );
}

function parseMetadata(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail(400, 10012, "put: 'metadata must be valid json'");
  }
}

function parseValue(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw fail(400, 10012, `get: 'the value of ${key} is not JSON; ask for it with type text'`);
  }
}

function readNumber(text: string | null): number | undefined {
  if (text === null) return undefined;
  const value = Number(text);
  if (Number.isInteger(value)) return value;
  throw fail(400, 10034, `put: 'Invalid expiration: "${text}" is not a whole number of seconds.'`);
}
