import Cloudflare from "cloudflare";
import { expect } from "vitest";
import { test } from "../support/cloud-test.ts";
import { readRefusal, TestCloud } from "../support/local-cloud.ts";

const wellFormed = "a-token-that-nobody-has-made-but-long-enough";
const refusedToken = { status: 403, code: 9109, message: "Invalid access token" };
const refusedAccess = { status: 403, code: 10000, message: "Authentication error" };

test("a call without a well-formed token is told what is wrong with its header", async ({
  cloud,
}) => {
  const ask = async (headers: Record<string, string>) => {
    const answer = await fetch(`${cloud.local.baseUrl}/accounts`, { headers });
    const { errors } = (await answer.json()) as { errors: unknown };
    return { status: answer.status, errors };
  };
  expect(await ask({})).toMatchObject({ status: 400, errors: [{ code: 9106 }] });
  for (const authorization of ["Bearer", "Bearer short", `Basic ${wellFormed}`, wellFormed]) {
    expect(await ask({ authorization })).toEqual({
      status: 400,
      errors: [
        {
          code: 6003,
          message: "Invalid request headers",
          error_chain: [{ code: 6111, message: "Invalid format for Authorization header" }],
        },
      ],
    });
  }
  expect(await ask({ "x-auth-email": "a@example.com", "x-auth-key": "key" })).toMatchObject({
    status: 400,
    errors: [{ code: 6003, error_chain: [{ code: 6103 }] }],
  });
});

test("a token that is unknown, expired or disabled opens nothing", async ({ cloud }) => {
  const expired = await cloud.createToken(["Account Settings Read"], {
    expires_on: new Date(Date.now() - 1000).toISOString(),
  });
  const disabled = await cloud.createToken(["Account Settings Read"]);
  const { id } = await cloud.createClient(disabled).user.tokens.verify();
  const { name = "", policies = [] } = await cloud.client.user.tokens.get(id);
  await cloud.client.user.tokens.update(id, { name, policies, status: "disabled" });
  for (const token of [wellFormed, expired, disabled]) {
    const client = cloud.createClient(token);
    expect(await readRefusal(client.accounts.list())).toEqual(refusedToken);
    // Here alone Cloudflare says it with 401.
    const unknown = { status: 401, code: 1000, message: "Invalid API Token" };
    expect(await readRefusal(client.user.tokens.verify())).toEqual(unknown);
    const verify = client.accounts.tokens.verify(cloud.account);
    expect(await readRefusal(verify)).toEqual(unknown);
  }
});

test("a token reads and writes what its permissions name, and nothing else", async ({ cloud }) => {
  const { account, zone } = cloud;
  const reader = cloud.createClient(await cloud.createToken(["Workers KV Storage Read"]));
  const writer = cloud.createClient(await cloud.createToken(["Workers KV Storage Write"]));
  const title = { ...account, title: "guarded" };
  expect(await readRefusal(reader.kv.namespaces.create(title))).toEqual(refusedAccess);
  const { id } = await writer.kv.namespaces.create(title);
  expect(await reader.kv.namespaces.get(id, account)).toMatchObject({ id });
  const place = { ...account, namespace_id: id };
  const put = reader.kv.namespaces.values.update("key", { ...place, value: "v" });
  expect(await readRefusal(put)).toEqual(refusedAccess);
  await writer.kv.namespaces.values.update("key", { ...place, value: "v" });
  // It is a POST, and reads.
  expect(await reader.kv.namespaces.keys.bulkGet(id, { ...account, keys: ["key"] })).toEqual({
    values: { key: "v" },
  });
  for (const client of [reader, writer]) {
    for (const call of [
      () => client.workers.scripts.list(account),
      () => client.workers.routes.list(zone),
      () => client.dns.records.list(zone),
      () => client.zones.get(zone),
      () => client.d1.database.list(account),
      () => client.r2.buckets.list(account),
      () => client.zeroTrust.access.applications.list(account),
      () => client.accounts.tokens.list(account),
      () => client.user.tokens.list(),
    ]) {
      expect(await readRefusal(call())).toEqual(refusedAccess);
    }
    expect(await readRefusal(client.user.get())).toMatchObject({ status: 403, code: 9109 });
  }
});

test("a token of one account opens no other, nor its zones", async () => {
  const mine = "1".repeat(32);
  const other = "2".repeat(32);
  await using cloud = await TestCloud.start({ accounts: [other, mine] });
  const permissions = ["Workers Scripts Write", "Workers Routes Write", "Zone Read"];
  const client = cloud.createClient(await cloud.createToken(permissions, { accounts: [mine] }));
  expect((await client.workers.scripts.list({ account_id: mine })).result).toEqual([]);
  for (const account_id of [other, "f".repeat(32)]) {
    const list = client.workers.scripts.list({ account_id });
    expect(await readRefusal(list)).toEqual(refusedAccess);
  }
  // The zone is the other account's.
  expect((await client.zones.list()).result).toEqual([]);
  expect(await readRefusal(client.zones.get(cloud.zone))).toEqual(refusedAccess);
  expect(await readRefusal(client.workers.routes.list(cloud.zone))).toEqual(refusedAccess);
});

test("every zone of a token's accounts is not every account", async () => {
  const [mine = "", other = ""] = ["1", "2"].map((digit) => digit.repeat(32));
  await using cloud = await TestCloud.start({ accounts: [mine, other] });
  const groups = await cloud.client.user.tokens.permissionGroups.list();
  const group = groups.result.find(({ name }) => name === "Workers Scripts Write");
  const { value = "" } = await cloud.client.user.tokens.create({
    name: "as the template Edit Cloudflare Workers",
    policies: [
      {
        effect: "allow",
        permission_groups: [{ id: group?.id ?? "" }],
        resources: {
          [`com.cloudflare.api.account.${mine}`]: "*",
          "com.cloudflare.api.account.zone.*": "*",
        },
      },
    ],
  });
  const { scripts } = cloud.createClient(value).workers;
  expect((await scripts.list({ account_id: mine })).result).toEqual([]);
  expect(await readRefusal(scripts.list({ account_id: other }))).toEqual(refusedAccess);
});

test("two accounts have things of the same name without sharing them", async () => {
  const accounts = ["1".repeat(32), "2".repeat(32)];
  await using cloud = await TestCloud.start({ accounts });
  const { buckets } = cloud.client.r2;
  const [first = "", second = ""] = accounts;
  for (const account_id of accounts) await buckets.create({ account_id, name: "same-name" });
  await cloud.upload("same-name", {
    code: `export default { async fetch(request, env) {
      await env.BUCKET.put("key", "value");
      return new Response();
    } };`,
    metadata: { bindings: [{ type: "r2_bucket", name: "BUCKET", bucket_name: "same-name" }] },
  });
  expect((await cloud.fetchWorker("same-name")).status).toBe(200);
  const list = async (account_id: string) =>
    (await buckets.objects.list("same-name", { account_id })).result.map(({ key }) => key);
  expect([await list(first), await list(second)]).toEqual([["key"], []]);
  const { workers } = cloud.client.workers.beta;
  const other = await workers.create({ account_id: second, name: "same-name" });
  await workers.update(other.id, { account_id: second, name: "another-name" });
  expect(await workers.get("same-name", { account_id: first })).toMatchObject({
    name: "same-name",
  });
});

test("what is not an id, and a path that is none, cannot be routed to", async ({ cloud }) => {
  const { client } = cloud;
  const cannot = { status: 404, code: 7003, message: expect.stringContaining("Could not route") };
  for (const account_id of ["short", "Z".repeat(32), "1".repeat(33)]) {
    expect(await readRefusal(client.workers.scripts.list({ account_id }))).toEqual(cannot);
  }
  expect(await readRefusal(client.zones.get({ zone_id: "example.com" }))).toEqual(cannot);
  expect(await readRefusal(client.get("/no/such/path"))).toEqual(cannot);
});

test("the API answers without /client/v4 as well", async ({ cloud }) => {
  const client = new Cloudflare({
    apiToken: cloud.local.token,
    baseURL: `http://127.0.0.1:${cloud.local.port}`,
    maxRetries: 0,
  });
  expect(await client.accounts.get(cloud.account)).toMatchObject({ name: "local" });
});
