import * as z from "zod";
import { fail } from "../api-error.ts";
import type { Binding } from "../records.ts";
import { releaseChange } from "../releases.ts";
import { answer, type Call, createRoutes } from "../route.ts";
import { hideSecret, type Metadata, secretTypes } from "../upload.ts";
import { findScript, findVersionOf, readSource } from "./script-views.ts";

const secret = z.object({
  name: z.string().min(1),
  text: z.string(),
  type: z.literal("secret_text").default("secret_text"),
});
const bulk = z.object({ secrets: z.record(z.string(), secret.nullable()) });

/** Secrets of a Worker, one by one. Each change is a new version that serves. */
export const secretRoutes = createRoutes(
  "Workers Scripts",
  "/accounts/:account/workers/scripts/:script",
  [
    ["GET", "/secrets", listSecrets],
    ["PUT", "/secrets", putSecret],
    ["GET", "/secrets/:secret", getSecret],
    ["DELETE", "/secrets/:secret", deleteSecret],
    ["PATCH", "/secrets-bulk", patchSecrets],
  ],
);

function listSecrets(call: Call) {
  return answer(readSecrets(call).map(hideSecret));
}

function getSecret(call: Call) {
  return answer(hideSecret(requireSecret(call)));
}

async function putSecret(call: Call) {
  const { name, text, type } = await call.json(secret);
  await change(call, [{ name, text, type }], []);
  return answer({ name, type });
}

async function deleteSecret(call: Call) {
  const { name } = requireSecret(call);
  await change(call, [], [name]);
  return answer(null);
}

/** Null removes one. */
async function patchSecrets(call: Call) {
  const entries = Object.entries((await call.json(bulk)).secrets);
  const put = entries.flatMap(([name, value]) => (value === null ? [] : [{ ...value, name }]));
  const removed = entries.flatMap(([name, value]) => (value === null ? [name] : []));
  await change(call, put, removed);
  return answer(Object.fromEntries(readSecrets(call).map((each) => [each.name, hideSecret(each)])));
}

function readSecrets(call: Call): Binding[] {
  const { bindings } = findVersionOf(call.cloud, findScript(call));
  return bindings.filter(({ type }) => secretTypes.includes(type));
}

function requireSecret(call: Call): Binding {
  const found = readSecrets(call).find(({ name }) => name === call.params.secret);
  if (found !== undefined) return found;
  throw fail(404, 10056, `Secret '${call.params.secret}' not found`);
}

async function change(call: Call, put: readonly Binding[], removed: readonly string[]) {
  const gone = new Set([...removed, ...put.map(({ name }) => name)]);
  await releaseChange(
    call.cloud,
    findScript(call),
    (metadata): Metadata => ({
      ...metadata,
      bindings: [...metadata.bindings.filter(({ name }) => !gone.has(name)), ...put],
    }),
    { source: readSource(call), trigger: "secret" },
  );
}
