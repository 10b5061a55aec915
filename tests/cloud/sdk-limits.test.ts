import { randomBytes } from "node:crypto";
import Cloudflare from "cloudflare";
import { expect, test } from "vitest";
import { hashToken } from "../../scripts/local-cloud/authorization.ts";
import { readRefusal, TestCloud } from "../support/local-cloud.ts";

const code = `export default { fetch: () => new Response("hi"), scheduled() {} };`;

/** Bytes that do not get smaller by compression. */
const noise = (bytes: number) => new Uint8Array(randomBytes(bytes));
const mebibyte = 1024 * 1024;

test("a Worker is refused that is larger after gzip than the plan allows", async () => {
  await using cloud = await TestCloud.start({ plan: "free" });
  const upload = (bytes: number) =>
    cloud.upload("large", {
      code,
      modules: { "data.bin": ["application/octet-stream", noise(bytes)] },
    });
  await upload(3 * mebibyte - 10_000);
  expect(await readRefusal(upload(3 * mebibyte))).toEqual({
    status: 413,
    code: 10027,
    message: expect.stringContaining("3 MiB"),
  });
  // What is large but compresses well is fine.
  await cloud.upload("large", { code: `${code}\n// ${" ".repeat(4 * mebibyte)}` });
  expect(await (await cloud.fetchWorker("large")).text()).toBe("hi");
});

test("variables and bindings have their limits", async () => {
  await using cloud = await TestCloud.start({ plan: "free" });
  const { id } = await cloud.client.kv.namespaces.create({ ...cloud.account, title: "kv" });
  const text = (index: number, length = 1) => ({
    type: "plain_text",
    name: `TEXT_${index}`,
    text: "x".repeat(length),
  });
  const upload = (bindings: object[]) => cloud.upload("bound", { code, metadata: { bindings } });
  const many = (count: number) => Array.from({ length: count }, (_, index) => text(index));
  await upload(many(64));
  const refused = (words: string) => ({
    status: 400,
    code: 10021,
    message: expect.stringContaining(words),
  });
  expect(await readRefusal(upload(many(65)))).toEqual(refused("64 variables"));
  await upload([text(0, 5 * 1024)]);
  expect(await readRefusal(upload([text(0, 5 * 1024 + 1)]))).toEqual(refused("TEXT_0"));
  const json = { type: "json", name: "JSON_0", json: { text: "x".repeat(5 * 1024) } };
  expect(await readRefusal(upload([json]))).toEqual(refused("JSON_0"));
  expect(await readRefusal(upload([text(0), text(0)]))).toEqual(refused("twice"));
  const namespaces = Array.from({ length: 1001 }, (_, index) => ({
    type: "kv_namespace",
    name: `KV_${index}`,
    namespace_id: id,
  }));
  expect(await readRefusal(upload(namespaces))).toEqual(refused("1000 bindings"));
});

test("the free plan has 5 cron triggers for the whole account", async () => {
  await using cloud = await TestCloud.start({ plan: "free" });
  const { schedules } = cloud.client.workers.scripts;
  for (const name of ["first", "second"]) await cloud.upload(name, { code });
  const put = (name: string, count: number) =>
    schedules.update(name, {
      ...cloud.account,
      body: Array.from({ length: count }, (_, index) => ({ cron: `${index} * * * *` })),
    });
  await put("first", 3);
  expect(await readRefusal(put("second", 3))).toEqual({
    status: 400,
    code: 10072,
    message: "This account has reached the Workers Free limit of 5 cron triggers per account.",
  });
  await put("second", 2);
  expect(await readRefusal(put("first", 6))).toMatchObject({ code: 10072 });
});

test("the free plan has 100 Workers", async () => {
  await using cloud = await TestCloud.start({ plan: "free" });
  const { client, account } = cloud;
  await cloud.upload("worker-1", { code });
  // Another 98 of them, without a hundred uploads.
  const { records, store } = cloud.local.cloud;
  const [first] = records.scripts.list();
  if (first === undefined) throw new Error("The upload made no Worker.");
  store.change(() => {
    for (let index = 2; index < 100; index += 1) {
      records.scripts.put({ ...first, name: `worker-${index}`, tag: `tag-${index}` });
    }
  });
  await cloud.upload("worker-100", { code });
  const refused = {
    status: 403,
    code: 10037,
    message: expect.stringContaining("limit of 100 Workers"),
  };
  expect(await readRefusal(cloud.upload("worker-101", { code }))).toEqual(refused);
  const { workers } = client.workers.beta;
  const create = workers.create({ ...account, name: "worker-101" });
  expect(await readRefusal(create)).toEqual(refused);
  // One that is there already is no further one.
  await cloud.upload("worker-100", { code });
  await client.workers.scripts.delete("worker-100", account);
  await cloud.upload("worker-101", { code });
});

test("the account has 1,000 KV namespaces", async () => {
  await using cloud = await TestCloud.start();
  const { client, account, local } = cloud;
  const { records, store } = local.cloud;
  store.change(() => {
    for (let index = 1; index < 1000; index += 1) {
      const id = index.toString(16).padStart(32, "0");
      records.namespaces.put({ id, account: account.account_id, title: `title ${index}` });
    }
  });
  await client.kv.namespaces.create({ ...account, title: "the last one" });
  expect(
    await readRefusal(client.kv.namespaces.create({ ...account, title: "one more" })),
  ).toMatchObject({ status: 400, code: 10047, message: expect.stringContaining("1000") });
});

test("1,200 calls of a token in five minutes are enough, and the headers count them", async () => {
  await using cloud = await TestCloud.start({ isRateLimited: true });
  const { client, account, local } = cloud;
  const read = async () => {
    const { response } = await client.accounts.get(account).withResponse();
    return response.headers;
  };
  const headers = await read();
  expect(headers.get("ratelimit")).toBe('"default";r=1199;t=300');
  expect(headers.get("ratelimit-policy")).toBe('"default";q=1200;w=300');
  const { id } = await client.user.tokens.verify();
  for (let index = 0; index < 1197; index += 1) local.cloud.rateLimit?.take(id);
  expect((await read()).get("ratelimit")).toMatch(/^"default";r=0;t=\d+$/);
  const error: unknown = await client.accounts.get(account).catch((refusal: unknown) => refusal);
  if (!(error instanceof Cloudflare.RateLimitError)) throw new Error("It is not limited.");
  expect(error.errors[0]?.code).toBe(971);
  expect(Number(error.headers.get("retry-after"))).toBeGreaterThan(200);
  expect(error.headers.get("ratelimit")).toMatch(/^"default";r=0;t=\d+$/);
  expect(error.headers.get("ratelimit-policy")).toBe('"default";q=1200;w=300');
  // Each token counts for itself.
  const [token] = local.cloud.records.tokens.list();
  if (token === undefined) throw new Error("There is no token.");
  const other = "another-token-that-has-not-called-anything-yet";
  local.cloud.records.tokens.put({ ...token, id: "another", hash: hashToken(other) });
  await cloud.createClient(other).accounts.get(account);
});
