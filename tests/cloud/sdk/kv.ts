import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal, type TestCloud } from "../../support/local-cloud.ts";

async function makeNamespace({ client, account }: TestCloud, title: string) {
  const { id } = await client.kv.namespaces.create({ ...account, title });
  return { id, place: { ...account, namespace_id: id } };
}

/** The number of seconds since 1970 in this many seconds. */
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

describe("KV", () => {
  test("a namespace is made, read, renamed and deleted", async ({ cloud }) => {
    const { client, account } = cloud;
    const { namespaces } = client.kv;
    const made = await namespaces.create({ ...account, title: "first title" });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      title: "first title",
      supports_url_encoding: true,
    });
    expect(await namespaces.get(made.id, account)).toEqual(made);
    const renamed = await namespaces.update(made.id, { ...account, title: "second title" });
    expect(renamed).toEqual({ ...made, title: "second title" });
    expect(await namespaces.delete(made.id, account)).toBeNull();
    const missing = { status: 404, code: 10013 };
    expect(await readRefusal(namespaces.get(made.id, account))).toMatchObject(missing);
    expect(
      await readRefusal(namespaces.update(made.id, { ...account, title: "third" })),
    ).toMatchObject(missing);
    expect(await readRefusal(namespaces.delete(made.id, account))).toMatchObject(missing);
    expect(await readRefusal(namespaces.keys.list(made.id, account))).toMatchObject(missing);
  });

  test("a title is needed, and taken once", async ({ cloud }) => {
    const { client, account } = cloud;
    const { namespaces } = client.kv;
    await namespaces.create({ ...account, title: "taken" });
    const other = await namespaces.create({ ...account, title: "other" });
    const taken = { status: 400, code: 10014, message: expect.stringContaining("already exists") };
    expect(await readRefusal(namespaces.create({ ...account, title: "taken" }))).toEqual(taken);
    expect(await readRefusal(namespaces.update(other.id, { ...account, title: "taken" }))).toEqual(
      taken,
    );
    // Its own title is no other's.
    await namespaces.update(other.id, { ...account, title: "other" });
    expect(await readRefusal(namespaces.create({ ...account, title: "" }))).toMatchObject({
      status: 400,
      code: 10019,
    });
  });

  test("namespaces come in pages that end, in the order that was asked for", async ({ cloud }) => {
    const { client, account } = cloud;
    for (const title of ["page b", "page c", "page a"]) {
      await client.kv.namespaces.create({ ...account, title });
    }
    const { namespaces } = client.kv;
    const titles = async (direction: "asc" | "desc") => {
      const query = { ...account, per_page: 2, order: "title" as const, direction };
      const all = await listAll(namespaces.list(query));
      return all.map(({ title }) => title).filter((title) => title.startsWith("page"));
    };
    expect(await titles("asc")).toEqual(["page a", "page b", "page c"]);
    expect(await titles("desc")).toEqual(["page c", "page b", "page a"]);
    const all = await listAll(namespaces.list(account));
    const past = await namespaces.list({ ...account, per_page: 2, page: all.length });
    expect(past.result).toEqual([]);
    expect(past.result_info).toEqual({
      page: all.length,
      per_page: 2,
      count: 0,
      total_count: all.length,
      total_pages: Math.ceil(all.length / 2),
    });
  });

  test("a value is read back byte for byte, with its metadata", async ({ cloud }) => {
    const { client } = cloud;
    const { place } = await makeNamespace(cloud, "values");
    const { values, metadata } = client.kv.namespaces;
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    // SDK 7 takes an object apart into fields of a form; only a text arrives as metadata.
    const described = { ...place, metadata: JSON.stringify({ from: "a test", größe: 256 }) };
    const value = new File([bytes], "bytes.bin");
    expect(await values.update("bytes", { ...described, value })).toBeNull();
    const found = await values.get("bytes", place);
    expect(new Uint8Array(await found.arrayBuffer())).toEqual(bytes);
    expect(await metadata.get("bytes", place)).toEqual({ from: "a test", größe: 256 });
    await values.update("bytes", { ...place, value: "plain" });
    expect(await (await values.get("bytes", place)).text()).toBe("plain");
    expect(await metadata.get("bytes", place)).toBeNull();
    expect(await values.delete("bytes", place)).toBeNull();
    const missing = { status: 404, code: 10009 };
    expect(await readRefusal(values.get("bytes", place))).toMatchObject(missing);
    expect(await readRefusal(metadata.get("bytes", place))).toMatchObject(missing);
    // As with the Worker's own delete: what is not there is gone.
    expect(await values.delete("bytes", place)).toBeNull();
  });

  test.for(["a/b/c", "100%", "a%2Fb", "ключ", "with space", "?query#hash", "a+b&c=d", ":!"])(
    "the key %s is one key",
    async (key, { cloud }) => {
      const { client, account } = cloud;
      const { id, place } = await makeNamespace(cloud, `key ${key}`);
      const { keys, values } = client.kv.namespaces;
      await values.update(key, { ...place, value: key });
      expect(await (await values.get(key, place)).text()).toBe(key);
      expect((await keys.list(id, account)).result).toEqual([{ name: key }]);
      await values.delete(key, place);
      expect((await keys.list(id, account)).result).toEqual([]);
    },
  );

  test("keys are written, listed, read and deleted many at a time", async ({ cloud }) => {
    const { client, account } = cloud;
    const { id } = await makeNamespace(cloud, "many");
    const { keys } = client.kv.namespaces;
    const names = Array.from({ length: 45 }, (_, index) => `key-${String(index).padStart(2, "0")}`);
    const written = await keys.bulkUpdate(id, {
      ...account,
      body: [
        ...names.map((key, index) => ({ key, value: `{"index":${index}}` })),
        { key: "encoded", value: Buffer.from([0, 255]).toString("base64"), base64: true },
        { key: "described", value: "1", metadata: { from: "bulk" }, expiration_ttl: 3600 },
      ],
    });
    expect(written).toEqual({ successful_key_count: 47, unsuccessful_keys: [] });
    const listed = await listAll(keys.list(id, { ...account, limit: 10, prefix: "key-" }));
    expect(listed).toEqual(names.map((name) => ({ name })));
    const last = await keys.list(id, { ...account, prefix: "key-" });
    expect(last.result_info).toEqual({ count: 45, cursor: "" });
    const [described] = (await keys.list(id, { ...account, prefix: "described" })).result;
    expect(described?.metadata).toEqual({ from: "bulk" });
    expect(described?.expiration).toBeGreaterThan(inSeconds(3500));

    const wanted = { ...account, keys: ["key-07", "absent"] };
    expect(await keys.bulkGet(id, wanted)).toEqual({
      values: { "key-07": '{"index":7}', absent: null },
    });
    expect(await keys.bulkGet(id, { ...wanted, type: "json", withMetadata: true })).toEqual({
      values: { "key-07": { value: { index: 7 }, metadata: null }, absent: null },
    });
    expect(
      await readRefusal(keys.bulkGet(id, { ...account, keys: ["encoded"], type: "json" })),
    ).toMatchObject({ status: 400, message: expect.stringContaining("encoded") });

    const removed = await keys.bulkDelete(id, { ...account, body: names.slice(0, 44) });
    expect(removed).toEqual({ successful_key_count: 44, unsuccessful_keys: [] });
    const left = await listAll(keys.list(id, account));
    expect(left.map(({ name }) => name)).toEqual(["described", "encoded", "key-44"]);
  });

  test("the older names of the bulk calls do the same", async ({ cloud }) => {
    const { client, account } = cloud;
    const { id } = await makeNamespace(cloud, "older");
    const { namespaces } = client.kv;
    await namespaces.bulkUpdate(id, { ...account, body: [{ key: "a", value: "1" }] });
    expect(await namespaces.bulkGet(id, { ...account, keys: ["a"] })).toEqual({
      values: { a: "1" },
    });
    await namespaces.bulkDelete(id, { ...account, body: ["a"] });
    expect((await namespaces.keys.list(id, account)).result).toEqual([]);
  });

  test("one wrong pair of many leaves all of them unwritten", async ({ cloud }) => {
    const { client, account } = cloud;
    const { id } = await makeNamespace(cloud, "all or nothing");
    const body = [
      { key: "good", value: "1" },
      { key: "x".repeat(513), value: "2" },
    ];
    const { keys } = client.kv.namespaces;
    expect(await readRefusal(keys.bulkUpdate(id, { ...account, body }))).toMatchObject({
      status: 414,
    });
    expect((await keys.list(id, account)).result).toEqual([]);
  });

  test("keys, values and metadata may be as large as at Cloudflare and no larger", async ({
    cloud,
  }) => {
    const { client } = cloud;
    const { place } = await makeNamespace(cloud, "limits");
    const { values } = client.kv.namespaces;
    const put = (key: string, more: Partial<Parameters<typeof values.update>[1]>) =>
      values.update(key, { ...place, value: "v", ...more });
    // Two bytes each.
    await put("é".repeat(256), {});
    expect(await readRefusal(put(`${"é".repeat(256)}x`, {}))).toMatchObject({
      status: 414,
      message: expect.stringContaining("513"),
    });
    const metadata = (length: number) => JSON.stringify("m".repeat(length - 2));
    await put("described", { metadata: metadata(1024) });
    expect(await readRefusal(put("described", { metadata: metadata(1025) }))).toMatchObject({
      status: 400,
      code: 10012,
    });
    expect(await readRefusal(put("described", { metadata: "{" }))).toMatchObject({ status: 400 });
    const value = (bytes: number) => new File([new Uint8Array(bytes)], "value");
    const mebibytes25 = 25 * 1024 * 1024;
    await put("large", { value: value(mebibytes25) });
    const large = await (await values.get("large", place)).arrayBuffer();
    expect(large.byteLength).toBe(mebibytes25);
    expect(await readRefusal(put("large", { value: value(mebibytes25 + 1) }))).toMatchObject({
      status: 413,
    });
  });

  test("nothing is kept for less than a minute", async ({ cloud }) => {
    const { client } = cloud;
    const { place } = await makeNamespace(cloud, "short");
    const put = (life: { expiration?: number; expiration_ttl?: number }) =>
      client.kv.namespaces.values.update("key", { ...place, value: "v", ...life });
    await put({ expiration_ttl: 60 });
    await put({ expiration: inSeconds(120) });
    for (const life of [{ expiration_ttl: 59 }, { expiration: inSeconds(30) }]) {
      expect(await readRefusal(put(life))).toMatchObject({ status: 400, code: 10034 });
    }
  });
});
