import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { LoopbackApi, refuse, type Said, succeed } from "../../traffic/loopback-api.ts";
import {
  accountId,
  canary,
  describeBindings,
  describeScript,
  drafts,
  scriptName,
  tokens,
  writeBundle,
} from "../../traffic/recorded-stack.ts";
import { configureProvider } from "./configure.ts";
import { Provider } from "./provider.ts";
import { readBindings } from "./script-bindings.ts";
import { conceal, holdsSecret, reveal, revealAll } from "./secrets.ts";
import { unknownValue, type Value, type Values } from "./values.ts";

const token = tokens.script;
const namespaceId = "6ef9e6886445b212740d62a85d988948";

/** Properties that the API reports of every script. */
const report = { etag: "e", created_on: "2026-01-01T00:00:00Z", migration_tag: "v1" };

/** A script that is there, and what an API says of it at the four addresses of its life. */
class LiveScript {
  code = 'export default { fetch() { return new Response("one"); } };\n';
  settings: Values = {
    bindings: [],
    compatibility_date: "2026-07-01",
    compatibility_flags: ["nodejs_als", "global_fetch_strictly_public"],
    logpush: false,
    observability: { enabled: true },
    placement: {},
    tail_consumers: null,
    usage_model: "standard",
  };
  /** What is said instead, by the end of the path. */
  refused: Record<string, Said> = {};

  say(path: string): Said {
    const end = path.split(/[/?]/).at(-1) ?? "";
    const refused = this.refused[path.includes("/services/") ? "services" : end];
    if (refused !== undefined) return refused;
    if (path.includes("/services/")) return succeed({ default_environment: { script: report } });
    if (end === "settings") return succeed(this.settings);
    if (end === "v2") return this.#sendCode();
    return succeed(report);
  }

  #sendCode(): Said {
    const part = (name: string, text: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const body = `${part("index.js", this.code)}${part("extra.js", "export {};")}--b--\r\n`;
    return { headers: { "content-type": "multipart/form-data; boundary=b" }, body };
  }
}

/** A script as the stand-in has just created it, with the API it did so in. */
async function createScript(folder: string) {
  const live = new LiveScript();
  const api = await LoopbackApi.start(({ path }) => live.say(path));
  const provider = configureProvider(api);
  const inputs: Values = {
    ...describeScript(drafts.first),
    ...(await writeBundle(folder, drafts.first)),
    bindings: describeBindings(drafts.first, namespaceId, conceal(canary)),
  };
  const known = { ...(await provider.create(token, inputs)), inputs };
  live.code = await readUpload(api);
  live.settings = {
    ...live.settings,
    bindings: describeLive(),
    compatibility_flags: ["nodejs_als", "global_fetch_strictly_public"],
  };
  return { live, api, provider, inputs, known };
}

async function readUpload({ received }: LoopbackApi): Promise<string> {
  const form = received[0]?.body ?? "";
  return form.slice(form.indexOf("\r\n\r\n") + 4, form.indexOf("\r\n--", 2));
}

/** The bindings as the API gives them back: sorted, in its own names, without the secret's text. */
function describeLive(): Values[] {
  return [
    {
      type: "ratelimit",
      name: "LIMIT_REGISTER",
      namespace_id: "1001",
      simple: { limit: 20, period: 60 },
    },
    { type: "kv_namespace", name: "OAUTH_KV", namespace_id: namespaceId },
    { type: "secret_text", name: "SESSION_KEYS" },
    { type: "json", name: "SETTINGS", json: { v: "1", origin: "https://x" } },
    {
      type: "durable_object_namespace",
      name: "SSE_SESSION",
      class_name: "SseSession",
      namespace_id: "d",
    },
  ];
}

function nameBindings(bindings: Value | undefined): string[] {
  return toList(bindings).map(({ name }) => String(name));
}

function toList(bindings: Value | undefined): Values[] {
  return readBindings(reveal(bindings ?? null));
}

test("a refresh finds nothing changed where the API sorts, adds ids and leaves texts out", async () => {
  await using folder = await makeTempFolder();
  const { api, provider, known } = await createScript(folder.path);
  await using _ = api;
  const found = await provider.read(token, known);
  // The order of flags is the API's, and means nothing.
  expect(provider.diff(token, found?.state ?? {}, known.inputs)).toEqual([]);
  const { compatibilityFlags: _flags, ...rest } = revealAll(found?.state ?? {});
  const { compatibilityFlags: _before, placement, ...before } = revealAll(known.state);
  expect(rest).toEqual(before);
  // There until a look finds that there is none.
  expect(placement).toEqual({});
});

test("a refresh sees a new binding and a missing secret, and neither an edit nor a missing plain one", async () => {
  await using folder = await makeTempFolder();
  const { live, api, provider, known } = await createScript(folder.path);
  await using _ = api;
  const names = nameBindings(known.state.bindings);

  live.settings.bindings = describeLive()
    .filter(({ name }) => name !== "SSE_SESSION")
    .map((binding) => (binding.name === "SETTINGS" ? { ...binding, json: "edited" } : binding));
  const edited = await provider.read(token, known);
  expect(reveal(edited?.state.bindings ?? null)).toEqual(reveal(known.state.bindings ?? null));
  expect(provider.diff(token, edited?.state ?? {}, known.inputs)).toEqual([]);

  live.settings.bindings = [
    ...describeLive(),
    { type: "plain_text", name: "ADDED", text: "by hand" },
    { type: "json", name: "ADDED_JSON", json: { by: "hand" } },
    { type: "secret_text", name: "UNMANAGED" },
  ];
  const added = await provider.read(token, known);
  expect(nameBindings(added?.state.bindings)).toEqual([...names, "ADDED", "ADDED_JSON"]);
  expect(toList(added?.state.bindings).at(-1)).toMatchObject({
    json: '{"by":"hand"}',
  });
  expect(provider.diff(token, added?.state ?? {}, known.inputs)).toEqual([
    { property: "bindings", kind: "update", replaces: false },
  ]);

  live.settings.bindings = describeLive().filter(({ type }) => type !== "secret_text");
  const lost = await provider.read(token, known);
  expect(nameBindings(lost?.state.bindings)).toEqual(
    names.filter((name) => name !== "SESSION_KEYS"),
  );
  expect(provider.diff(token, lost?.state ?? {}, known.inputs)).toHaveLength(1);
});

test("a refresh takes the hash of the live code, and the state never has the code", async () => {
  await using folder = await makeTempFolder();
  const { live, api, provider, known } = await createScript(folder.path);
  await using _ = api;
  live.code = "edited by hand, with\r\n\r\nan empty line and no end";
  const found = await provider.read(token, known);
  const hash = createHash("sha256").update(live.code).digest("hex");
  expect(found?.state.contentSha256).toBe(hash);
  expect(found?.inputs.contentSha256).toBe(hash);
  expect(found?.state).not.toHaveProperty("content");
  expect(provider.diff(token, found?.state ?? {}, known.inputs)).toEqual([
    { property: "contentSha256", kind: "update", replaces: false },
  ]);
});

test("what the API sets of its own inside observability is drift, as the real provider has it", async () => {
  await using folder = await makeTempFolder();
  const { live, api, provider, known } = await createScript(folder.path);
  await using _ = api;
  live.settings.observability = { enabled: true, head_sampling_rate: 1 };
  const found = await provider.read(token, known);
  expect(provider.diff(token, found?.state ?? {}, known.inputs)).toEqual([
    { property: "observability", kind: "update", replaces: false },
  ]);
});

test("only the first of the three reads takes 404 for a script that is gone", async () => {
  await using folder = await makeTempFolder();
  const { live, api, provider, known } = await createScript(folder.path);
  await using _ = api;
  const gone = refuse(404, 10007, "This Worker does not exist on your account.");
  live.refused = { settings: gone };
  await expect(provider.read(token, known)).rejects.toThrow("10007");
  live.refused = { v2: gone };
  await expect(provider.read(token, known)).rejects.toThrow("10007");
  live.refused = { services: gone };
  expect(await provider.read(token, known)).toBeUndefined();
});

test("deleting does not forgive 404, and says force only where the program does", async () => {
  await using folder = await makeTempFolder();
  const { live, api, provider, known } = await createScript(folder.path);
  await using _ = api;
  await provider.delete(token, known);
  await provider.delete(token, { ...known, state: { ...known.state, force: true } });
  const path = `/client/v4/accounts/${accountId}/workers/scripts/${scriptName}`;
  expect(api.received.slice(-2).map((call) => call.path)).toEqual([path, `${path}?force=true`]);
  live.refused = {
    [scriptName]: refuse(404, 10007, "This Worker does not exist on your account."),
  };
  await expect(provider.delete(token, known)).rejects.toThrow(/404 Not Found .*10007/);
});

test("the secret is marked wherever it goes, the whole list of bindings with it", async () => {
  await using folder = await makeTempFolder();
  const { api, provider, inputs, known } = await createScript(folder.path);
  await using _ = api;
  const found = await provider.read(token, known);
  const updated = await provider.update(token, known, inputs);
  const planned = provider.plan(token, inputs, known.state);
  for (const properties of [known.state, found?.state, found?.inputs, updated, planned]) {
    expect(reveal(properties?.bindings ?? null)).toEqual(reveal(inputs.bindings ?? null));
    expect(withoutSecrets(properties ?? {})).not.toContain(canary);
    expect(withoutSecrets(properties ?? {})).toContain(scriptName);
  }
  const forgetful = { ...inputs, bindings: describeBindings(drafts.first, "n", canary) };
  const { state } = await provider.create(token, forgetful);
  expect(withoutSecrets(state)).not.toContain(canary);
  // Inputs stay as the program gave them: one that forgets to mark its secret is not covered up.
  expect(holdsSecret(found?.inputs.bindings)).toBe(true);
  expect(found?.inputs.bindings).toEqual(inputs.bindings);
});

/** What the engine writes in the clear. */
function withoutSecrets(properties: Values): string {
  const clear = (value: Value): Value => {
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(clear);
    if ("4dabf18193072939515e22adb298388d" in value) return "[secret]";
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clear(item)]));
  };
  return JSON.stringify(clear(properties));
}

test("an update sends the migrations of the configuration again, and defaults where nothing is said", async () => {
  await using folder = await makeTempFolder();
  const { api, provider, inputs, known } = await createScript(folder.path);
  await using _ = api;
  const { compatibilityDate: _date, ...less } = inputs;
  await provider.update(token, known, {
    ...less,
    annotations: { workersTag: "v1.2.3", workersMessage: "a message" },
    keepBindings: ["secret_text"],
    observability: { enabled: true, headSamplingRate: null },
  });
  const metadata = /\{"annotations".*\}/.exec(api.received.at(-1)?.body ?? "")?.[0] ?? "";
  expect(JSON.parse(metadata)).toMatchObject({
    annotations: { "workers/message": "a message", "workers/tag": "v1.2.3" },
    compatibility_date: "",
    keep_bindings: ["secret_text"],
    logpush: false,
    migrations: { new_sqlite_classes: ["SseSession"], new_tag: "v1" },
    usage_model: "standard",
  });
  expect(Object.keys(JSON.parse(metadata) as object)).toEqual(
    Object.keys(JSON.parse(metadata) as object).toSorted(),
  );
  expect(metadata).not.toContain("content");
  expect(metadata).not.toContain("null");
});

test("what the program leaves to Cloudflare is taken from the answer, and annotations are never read", async () => {
  const live = new LiveScript();
  live.settings.annotations = { "workers/tag": "of another upload" };
  const chosen = { compatibility_flags: ["nodejs_compat"] };
  await using api = await LoopbackApi.start(({ method, path }) =>
    method === "PUT" ? succeed({ ...report, ...chosen }) : live.say(path),
  );
  const provider = configureProvider(api);
  const annotations = { workersTag: "mine" };
  const inputs = { accountId, scriptName, content: "addEventListener()", annotations };
  const made = await provider.create(token, inputs);
  expect(made.state).toMatchObject({ compatibilityFlags: ["nodejs_compat"], annotations });
  expect(api.received[0]?.body).toContain('name="script"; filename="script"');
  expect(api.received[0]?.body).toContain("Content-Type: application/javascript\r\n");
  expect(api.received[0]?.body).toContain('"body_part":"script"');
  const found = await provider.read(token, { ...made, inputs });
  expect(found?.state.annotations).toEqual(annotations);
  // What the program says nothing of does not become its own.
  expect(Object.keys(found?.inputs ?? {})).toEqual(Object.keys(inputs));
});

test("a plan is refused where the file is missing or is not what its hash says", async () => {
  await using folder = await makeTempFolder();
  const provider = new Provider();
  const bundle = await writeBundle(folder.path, drafts.first);
  const check = (change: Values) =>
    provider.check(token, { ...describeScript(drafts.first), ...bundle, ...change });
  expect(check({})).toEqual([]);
  expect(check({ contentSha256: unknownValue })).toEqual([]);
  expect(check({ contentSha256: "0".repeat(64) })).toEqual([
    { property: "contentSha256", reason: expect.stringContaining(bundle.contentSha256) },
  ]);
  const { contentFile: _file, ...withoutFile } = bundle;
  // The real provider hashes an unknown text as an empty one.
  expect(
    provider.check(token, {
      ...describeScript(drafts.first),
      ...withoutFile,
      content: unknownValue,
    }),
  ).toMatchObject([{ property: "contentSha256" }]);
  expect(check({ contentFile: join(folder.path, "missing.js") })).toEqual([
    { property: "contentSha256", reason: expect.stringMatching(/missing\.js.*ENOENT/) },
  ]);
  const { contentSha256: _, ...withoutHash } = bundle;
  expect(provider.check(token, { ...describeScript(drafts.first), ...withoutHash })).toMatchObject([
    { property: "contentSha256" },
  ]);
  expect(check({ content: "export {};" })).toMatchObject([{ property: "content" }]);
  expect(provider.check(token, describeScript(drafts.first))).toMatchObject([
    { property: "content" },
  ]);
});

test("an import has the code and the bindings in its inputs, but no secret", async () => {
  const live = new LiveScript();
  live.settings.bindings = describeLive();
  await using api = await LoopbackApi.start(({ path }) => live.say(path));
  const provider = configureProvider(api);
  const id = `${accountId}/${scriptName}`;
  const found = await provider.read(token, { id, state: {}, inputs: {} });
  expect(found?.id).toBe(scriptName);
  expect(found?.inputs).toMatchObject({ accountId, scriptName, content: live.code });
  expect(found?.inputs).not.toHaveProperty("etag");
  // The program does not know the namespace of a Durable Object class.
  const bindings = toList(found?.inputs.bindings).map(({ namespaceId: id, ...binding }) =>
    id === namespaceId || id === "1001" ? { ...binding, namespaceId: id } : binding,
  );
  expect(provider.diff(token, found?.state ?? {}, { ...found?.inputs, bindings })).toEqual([]);
  expect(nameBindings(found?.inputs.bindings)).toEqual([
    "LIMIT_REGISTER",
    "OAUTH_KV",
    "SETTINGS",
    "SSE_SESSION",
  ]);
  expect(api.received.map(({ headers }) => headers.accept)).toEqual([
    "application/javascript",
    "application/json",
    "application/json",
    "string",
  ]);
  await expect(provider.read(token, { id: "nothing", state: {}, inputs: {} })).rejects.toThrow(
    "<accountId>/<scriptName>",
  );
});
