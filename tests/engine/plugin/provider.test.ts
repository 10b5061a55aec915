import { expect, test } from "vitest";
import { LoopbackApi, refuse, succeed } from "../../traffic/loopback-api.ts";
import { accountId, others, scriptName, tokens, zoneId } from "../../traffic/recorded-stack.ts";
import { configureProvider } from "./configure.ts";
import { toPulumiName, toWireName } from "./names.ts";
import { Provider } from "./provider.ts";
import { conceal } from "./secrets.ts";
import { unknownValue, type Values } from "./values.ts";

const index = (name: string, type: string) => `cloudflare:index/${name}:${type}`;
const kvValue = index("workersKv", "WorkersKv");
const d1 = index("d1Database", "D1Database");
const r2 = index("r2Bucket", "R2Bucket");
const policy = index("zeroTrustAccessPolicy", "ZeroTrustAccessPolicy");
const application = index("zeroTrustAccessApplication", "ZeroTrustAccessApplication");
const account = `/client/v4/accounts/${accountId}`;

/** Calls as `METHOD path body`, the path without the account. */
function listCalls({ received }: LoopbackApi): string[] {
  return received.map(({ method, path, body }) =>
    `${method} ${path.replace(account, "")} ${body}`.trim(),
  );
}

test("a type, a look-up or a property that the stand-in does not know is refused by name", () => {
  const provider = configureProvider({ baseUrl: "http://127.0.0.1:1" });
  expect(() => provider.check("cloudflare:index/queue:Queue", {})).toThrow(/no cloudflare.*Queue/);
  expect(() => provider.lookUp("cloudflare:index/getQueue:getQueue", {})).toThrow(/getQueue/);
  expect(provider.check(tokens.namespace, { ...others.namespace, tilte: "a" })).toMatchObject([
    { property: "tilte" },
  ]);
  expect(provider.check(tokens.namespace, { accountId })).toMatchObject([{ property: "title" }]);
  expect(provider.check(tokens.namespace, { accountId, title: conceal("a") })).toEqual([]);
});

test("only a token from the configuration has to look like one", () => {
  const provider = new Provider();
  expect(provider.checkConfig({ apiToken: "short" })).toMatchObject([{ property: "apiToken" }]);
  expect(provider.checkConfig({ apiToken: conceal("short") })).toMatchObject([
    { property: "apiToken", reason: expect.not.stringContaining("short") },
  ]);
  expect(provider.checkConfig({ apiToken: "a".repeat(40) })).toEqual([]);
  expect(provider.checkConfig({})).toEqual([]);
  const baseUrl = "http://127.0.0.1:1/client/v4/";
  provider.configure({ baseUrl }, { CLOUDFLARE_API_TOKEN: "short" });
  expect(() => provider.configure({ baseUrl }, {})).toThrow("CLOUDFLARE_API_TOKEN");
});

test("the configuration goes before the environment", async () => {
  await using api = await LoopbackApi.start(() => succeed([]));
  const provider = new Provider();
  const environment = { CLOUDFLARE_BASE_URL: "http://127.0.0.1:1", CLOUDFLARE_API_TOKEN: "other" };
  provider.configure({ baseUrl: `${api.baseUrl}/`, apiToken: conceal("mine") }, environment);
  const scripts = index("getWorkersScripts", "getWorkersScripts");
  expect(await provider.lookUp(scripts, { accountId })).toEqual({ accountId, results: [] });
  expect(api.received[0]?.headers.authorization).toBe("Bearer mine");
  expect(api.received[0]?.path).toBe(`${account}/workers/scripts`);
});

test.for([
  undefined,
  "",
  "https://api.cloudflare.com/client/v4",
  "http://127.0.0.1.example.com/client/v4",
  "http://user@example.com/client/v4",
])("the stand-in sends no token to %s", (baseUrl) => {
  const provider = new Provider();
  const environment = { ...(baseUrl !== undefined && { CLOUDFLARE_BASE_URL: baseUrl }) };
  expect(() => provider.configure({}, { ...environment, CLOUDFLARE_API_TOKEN: "a" })).toThrow(
    /only to an API on this machine/,
  );
});

test.for<[string, Values, Values, string[]]>([
  [tokens.namespace, others.namespace, { title: "b" }, []],
  [tokens.namespace, others.namespace, { accountId: "b" }, ["accountId"]],
  [tokens.namespace, others.namespace, { jurisdiction: "eu" }, ["jurisdiction"]],
  [tokens.route, others.route, { pattern: "b", script: null }, []],
  [tokens.route, others.route, { zoneId: unknownValue }, ["zoneId"]],
  [tokens.domain, others.domain, { service: "b", hostname: "c" }, ["hostname", "service"]],
  [tokens.subdomain, others.subdomain, { enabled: false }, []],
  [tokens.subdomain, others.subdomain, { scriptName: "b" }, ["scriptName"]],
  [tokens.cron, others.cron, { schedules: [] }, []],
  [tokens.script, { accountId, scriptName }, { scriptName: "b", logpush: true }, ["scriptName"]],
  [d1, { accountId, name: "a" }, { name: "b", readReplication: { mode: "auto" } }, ["name"]],
  [r2, { accountId, name: "a" }, { storageClass: "InfrequentAccess" }, []],
  [r2, { accountId, name: "a" }, { location: "weur" }, ["location"]],
])("%s is replaced where it must be: %j", ([token, before, change, replaces]) => {
  const provider = new Provider();
  const state = { ...provider.plan(token, before) };
  const differences = provider.diff(token, state, { ...before, ...change });
  expect(differences.map(({ property }) => property).toSorted()).toEqual(
    Object.keys(change).toSorted(),
  );
  expect(differences.filter((each) => each.replaces).map(({ property }) => property)).toEqual(
    replaces,
  );
});

test("what Cloudflare chose is not a difference, and what the program takes away is", () => {
  const provider = new Provider();
  const chosen = { ...others.domain, zoneName: "example.com", environment: "production" };
  expect(provider.diff(tokens.domain, chosen, others.domain)).toEqual([]);
  const stamped = [{ cron: "17 3 * * *", createdOn: "a", modifiedOn: "b" }];
  expect(provider.diff(tokens.cron, { ...others.cron, schedules: stamped }, others.cron)).toEqual(
    [],
  );
  const { script: _, ...route } = others.route;
  expect(provider.diff(tokens.route, others.route, route)).toEqual([
    { property: "script", kind: "delete", replaces: false },
  ]);
});

test("a preview knows the inputs, keeps what stays, and leaves open what only Cloudflare says", () => {
  const provider = new Provider();
  const inputs = { accountId, scriptName, bindings: [], content: "a" };
  expect(provider.plan(tokens.script, inputs)).toMatchObject({
    ...inputs,
    logpush: false,
    migrationTag: unknownValue,
    createdOn: unknownValue,
  });
  const state = { ...inputs, id: scriptName, createdOn: "then", migrationTag: "v1" };
  expect(provider.plan(tokens.script, { ...inputs, content: "b" }, state)).toMatchObject({
    id: scriptName,
    content: "b",
    createdOn: "then",
    migrationTag: unknownValue,
  });
});

test("an update sends all of it, and null for what was taken away", async () => {
  await using api = await LoopbackApi.start(({ body }) =>
    succeed({ ...JSON.parse(body), id: "r" }),
  );
  const provider = configureProvider(api);
  const { script: _, ...inputs } = others.route;
  const known = { id: "r", state: { ...others.route, id: "r" }, inputs: others.route };
  expect(await provider.update(tokens.route, known, inputs)).toEqual({ ...inputs, id: "r" });
  expect(api.received[0]).toMatchObject({
    method: "PUT",
    path: `/client/v4/zones/${zoneId}/workers/routes/r`,
    body: '{"pattern":"mcp.example.com/*","script":null}',
  });
});

test("an update leaves alone what Cloudflare chose, and a subdomain has the id of its account", async () => {
  await using api = await LoopbackApi.start(({ body }) =>
    succeed({ previews_enabled: true, ...JSON.parse(body) }),
  );
  const provider = configureProvider(api);
  const inputs = { accountId, scriptName, enabled: true };
  const { id, state } = await provider.create(tokens.subdomain, inputs);
  expect({ id, state }).toEqual({
    id: accountId,
    // Unlike its outputs, whose `id` is the script.
    state: { ...inputs, id: scriptName, previewsEnabled: true },
  });
  await provider.update(tokens.subdomain, { id, state, inputs }, { ...inputs, enabled: false });
  expect(listCalls(api)).toEqual([
    `POST /workers/scripts/${scriptName}/subdomain {"enabled":true}`,
    `POST /workers/scripts/${scriptName}/subdomain {"enabled":false}`,
  ]);
});

test("a refresh drops what is gone, but is blind to schedules", async () => {
  await using api = await LoopbackApi.start(({ path }) =>
    path.endsWith("/schedules")
      ? succeed({ schedules: [{ cron: "0 0 * * *" }] })
      : refuse(404, 10013, "namespace not found"),
  );
  const provider = configureProvider(api);
  const cron = { id: scriptName, state: { ...others.cron, id: scriptName }, inputs: others.cron };
  expect(await provider.read(tokens.cron, cron)).toEqual(cron);
  // And an import has none, which the engine then misses.
  const imported = await provider.read(tokens.cron, {
    id: `${accountId}/${scriptName}`,
    state: {},
    inputs: {},
  });
  expect(imported?.inputs).toEqual({ accountId, scriptName });
  expect(provider.check(tokens.cron, imported?.inputs ?? {})).toEqual([
    { property: "schedules", reason: "Missing required property 'schedules'" },
  ]);
  const namespace = { id: "n", state: { ...others.namespace, id: "n" }, inputs: others.namespace };
  expect(await provider.read(tokens.namespace, namespace)).toBeUndefined();
  await expect(provider.delete(tokens.namespace, namespace)).rejects.toThrow(/404 .*10013/);
  await provider.delete(tokens.cron, cron);
  expect(api.received.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "GET", "DELETE"]);
});

test("a refresh tells the engine the inputs that drifted, and leaves the others as they were", async () => {
  await using api = await LoopbackApi.start(() => succeed({ id: "n", title: "renamed" }));
  const provider = configureProvider(api);
  const inputs = { ...others.namespace, accountId: conceal(accountId) };
  const known = { id: "n", state: { ...inputs, id: "n" }, inputs };
  expect(await provider.read(tokens.namespace, known)).toEqual({
    id: "n",
    state: { ...inputs, id: "n", title: "renamed" },
    inputs: { ...inputs, title: "renamed" },
  });
});

test("a custom domain may be deleted with an empty answer", async () => {
  await using api = await LoopbackApi.start(() => ({ body: "" }));
  const domain = { id: "d", state: { ...others.domain, id: "d" }, inputs: others.domain };
  await configureProvider(api).delete(tokens.domain, domain);
  expect(listCalls(api)).toEqual(["DELETE /workers/domains/d"]);
});

test("a value in a namespace is a form, and is read with its metadata", async () => {
  await using api = await LoopbackApi.start(({ method, path }) => {
    if (method !== "GET") return succeed(null);
    return path.includes("/values/") ? { body: "the value" } : succeed({ a: 1 });
  });
  const provider = configureProvider(api);
  const key = { accountId, namespaceId: "n", keyName: "a/b c" };
  const inputs = { ...key, value: "the value", metadata: '{"a":1}' };
  const made = await provider.create(kvValue, inputs);
  expect(made).toEqual({ id: "a/b c", state: { ...inputs, id: "a/b c" } });
  const form = api.received[0]?.body.replace(/--\w+/g, "--b");
  expect(form).toBe(
    '--b\r\nContent-Disposition: form-data; name="value"\r\n\r\nthe value\r\n' +
      '--b\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n{"a":1}\r\n--b--\r\n',
  );
  expect(await provider.read(kvValue, { ...made, inputs })).toEqual({ ...made, inputs });
  const importId = `${accountId}/n/a/b c`;
  expect(await provider.read(kvValue, { id: importId, state: {}, inputs: {} })).toEqual({
    ...made,
    inputs,
  });
  await provider.delete(kvValue, made);
  const path = "/storage/kv/namespaces/n";
  const look = [`GET ${path}/values/a%2Fb%20c`, `GET ${path}/metadata/a%2Fb%20c`];
  expect(listCalls(api).slice(1)).toEqual([
    ...[...look, ...look, ...look],
    `DELETE ${path}/values/a%2Fb%20c`,
  ]);
});

test("databases and buckets are made, read and deleted by their own ids", async () => {
  await using api = await LoopbackApi.start(({ path }) =>
    path.includes("/d1/")
      ? succeed({
          uuid: "u",
          name: "notes",
          created_at: "then",
          read_replication: { mode: "auto" },
        })
      : succeed({
          name: "notes",
          creation_date: "then",
          location: "WEUR",
          storage_class: "Standard",
        }),
  );
  const provider = configureProvider(api);
  const inputs = { accountId, name: "notes" };
  const database = await provider.create(d1, inputs);
  expect(database).toEqual({
    id: "u",
    state: { ...inputs, id: "u", uuid: "u", createdAt: "then", readReplication: { mode: "auto" } },
  });
  const bucket = await provider.create(r2, inputs);
  expect(bucket.id).toBe("notes");
  for (const [token, made] of [
    [d1, database],
    [r2, bucket],
  ] as const) {
    expect(await provider.read(token, { ...made, inputs })).toEqual({ ...made, inputs });
    expect(provider.diff(token, made.state, inputs)).toEqual([]);
    await provider.delete(token, made);
  }
  expect(listCalls(api)).toEqual([
    'POST /d1/database {"name":"notes"}',
    'POST /r2/buckets {"name":"notes","storageClass":"Standard"}',
    ...["GET /d1/database/u", "DELETE /d1/database/u"],
    ...["GET /r2/buckets/notes", "DELETE /r2/buckets/notes"],
  ]);
  expect(api.received[1]?.headers["cf-r2-jurisdiction"]).toBe("default");
});

test("Access has its own plurals, and applications of accounts and of zones", async () => {
  await using api = await LoopbackApi.start(({ body }) =>
    succeed({ ...(body && JSON.parse(body)), id: "x", aud: "audience" }),
  );
  const provider = configureProvider(api);
  const everyone = [{ everyone: {} }];
  const rule = { accountId, name: "people", decision: "allow", includes: everyone };
  const { state } = await provider.create(policy, rule);
  expect(state).toEqual({ ...rule, id: "x" });
  const app = { name: "MCP", type: "mcp", serviceAuth401Redirect: true };
  await provider.create(application, { zoneId, ...app });
  await provider.create(application, { accountId, ...app });
  const id = `zones/${zoneId}/x`;
  const found = await provider.read(application, { id, state: {}, inputs: {} });
  expect(found).toMatchObject({ id: "x", state: { zoneId, aud: "audience" }, inputs: { zoneId } });
  const sent = '{"name":"MCP","service_auth_401_redirect":true,"type":"mcp"}';
  expect(listCalls(api)).toEqual([
    'POST /access/policies {"decision":"allow","include":[{"everyone":{}}],"name":"people"}',
    `POST /client/v4/zones/${zoneId}/access/apps ${sent}`,
    `POST /access/apps ${sent}`,
    ...Array(2).fill(`GET /client/v4/zones/${zoneId}/access/apps/x`),
  ]);
});

test("a zone is found by exactly one answer, or by its id", async () => {
  const zones: Values[] = [{ id: "z", name: "example.com" }];
  await using api = await LoopbackApi.start(({ path }) =>
    path.includes("?") ? succeed(zones) : succeed({ ...zones[0], name_servers: ["a"] }),
  );
  const provider = configureProvider(api);
  const getZone = index("getZone", "getZone");
  const filter = { name: "example.com", account: { id: accountId, name: "a & b" } };
  expect(await provider.lookUp(getZone, { filter })).toMatchObject({
    id: "z",
    zoneId: "z",
    nameServers: ["a"],
  });
  await provider.lookUp(getZone, { zoneId: "z" });
  expect(listCalls(api)).toEqual([
    `GET /client/v4/zones?account.id=${accountId}&account.name=a+%26+b&name=example.com`,
    "GET /client/v4/zones/z",
    "GET /client/v4/zones/z",
  ]);
  // Another version of the real provider says how the parts of the filter go together.
  await provider.lookUp(getZone, { filter: { name: "example.com", match: "all" } });
  expect(listCalls(api).at(-2)).toBe("GET /client/v4/zones?match=all&name=example.com");
  zones.push({ id: "y" });
  await expect(provider.lookUp(getZone, { filter })).rejects.toThrow("2 found");
  zones.length = 0;
  await expect(provider.lookUp(getZone, { filter })).rejects.toThrow("0 found");
});

test.for([
  ["namespaceId", "namespace_id"],
  ["newSqliteClasses", "new_sqlite_classes"],
  ["headSamplingRate", "head_sampling_rate"],
  ["workersMessage", "workers/message"],
  ["serviceAuth401Redirect", "service_auth_401_redirect"],
])("%s is %s in the API", ([ours = "", theirs = ""]) => {
  expect(toWireName(ours)).toBe(theirs);
  expect(toPulumiName(theirs)).toBe(ours);
});
