import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal } from "../../support/local-cloud.ts";

const counter = `import { DurableObject } from "cloudflare:workers";
export class Counter extends DurableObject {
  next() {
    const count = (this.ctx.storage.kv.get("count") ?? 0) + 1;
    this.ctx.storage.kv.put("count", count);
    return count;
  }
}
export default {
  async fetch(request, env) {
    return new Response(await env.COUNTERS.getByName(new URL(request.url).pathname).next());
  },
};`;

describe("Durable Objects, D1 and R2", () => {
  test("classes and their stored objects are listed in pages that end", async ({ cloud }) => {
    const { client, account } = cloud;
    const { namespaces } = client.durableObjects;
    for (const name of ["counters-1", "counters-2", "counters-3"]) {
      await cloud.upload(name, {
        code: counter,
        metadata: {
          bindings: [{ type: "durable_object_namespace", name: "COUNTERS", class_name: "Counter" }],
          migrations: { new_tag: "v1", new_sqlite_classes: ["Counter"] },
        },
      });
    }
    const all = await listAll(namespaces.list({ ...account, per_page: 2 }));
    expect(all).toEqual(
      [1, 2, 3].map((index) => ({
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
        name: `counters-${index}_Counter`,
        script: `counters-${index}`,
        class: "Counter",
        use_sqlite: true,
        use_containers: false,
      })),
    );
    const past = await namespaces.list({ ...account, per_page: 2, page: 3 });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });

    const id = all[0]?.id ?? "";
    expect(await listAll(namespaces.objects.list(id, account))).toEqual([]);
    for (const path of ["/a", "/b", "/c", "/c"]) await cloud.fetchWorker("counters-1", path);
    const objects = await listAll(namespaces.objects.list(id, { ...account, limit: 2 }));
    expect(objects).toHaveLength(3);
    expect(new Set(objects.map((each) => each.id)).size).toBe(3);
    expect(objects[0]).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      hasStoredData: true,
    });
    const absent = namespaces.objects.list("0".repeat(32), account);
    expect(await readRefusal(absent)).toMatchObject({ status: 404, code: 10066 });
  });

  test("a D1 database is made, asked, and deleted, and a Worker sees its rows", async ({
    cloud,
  }) => {
    const { client, account } = cloud;
    const { database } = client.d1;
    const made = await database.create({ ...account, name: "birds" });
    expect(made).toMatchObject({
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "birds",
      version: "production",
      created_at: expect.stringMatching(/^\d{4}-/),
      file_size: expect.any(Number),
      num_tables: expect.any(Number),
      read_replication: { mode: "disabled" },
    });
    const id = made.uuid ?? "";
    expect(await database.get(id, account)).toEqual(made);
    expect(await readRefusal(database.create({ ...account, name: "birds" }))).toMatchObject({
      status: 400,
      code: 7502,
    });
    const read_replication = { mode: "auto" as const };
    expect(await database.update(id, { ...account, read_replication })).toMatchObject({
      uuid: id,
      read_replication,
    });
    expect(await database.edit(id, account)).toMatchObject({ uuid: id, read_replication });

    await database.query(id, { ...account, sql: "CREATE TABLE birds (name TEXT, legs INTEGER)" });
    const [parrot, gull] = await listAll(
      database.query(id, {
        ...account,
        batch: [
          { sql: "INSERT INTO birds VALUES (?, 2)", params: ["parrot"] },
          { sql: "INSERT INTO birds VALUES (?, 2)", params: ["gull"] },
        ],
      }),
    );
    expect(parrot).toMatchObject({ success: true, meta: { changes: 1, changed_db: true } });
    expect(gull?.meta?.last_row_id).toBe(2);
    const select = { ...account, sql: "SELECT * FROM birds WHERE name = ?", params: ["gull"] };
    expect(await listAll(database.query(id, select))).toMatchObject([
      { results: [{ name: "gull", legs: 2 }], success: true },
    ]);
    expect(await listAll(database.raw(id, select))).toMatchObject([
      { results: { columns: ["name", "legs"], rows: [["gull", 2]] }, success: true },
    ]);
    const empty = { ...select, params: ["ostrich"] };
    expect(await listAll(database.raw(id, empty))).toMatchObject([{ results: { rows: [] } }]);
    const wrong = database.query(id, { ...account, sql: "SELECT * FROM fish" });
    expect(await readRefusal(wrong)).toMatchObject({
      status: 400,
      code: 7500,
      message: expect.stringContaining("no such table: fish"),
    });
    await cloud.upload("birdwatcher", {
      code: `export default { async fetch(request, env) {
        return Response.json((await env.DB.prepare("SELECT name FROM birds").all()).results);
      } };`,
      metadata: { bindings: [{ type: "d1", name: "DB", id }] },
    });
    expect(await (await cloud.fetchWorker("birdwatcher")).json()).toEqual([
      { name: "parrot" },
      { name: "gull" },
    ]);
    await client.workers.scripts.delete("birdwatcher", account);
    expect(await database.delete(id, account)).toBeNull();
    const gone = { status: 404, code: 7404 };
    expect(await readRefusal(database.get(id, account))).toMatchObject(gone);
    expect(await readRefusal(database.delete(id, account))).toMatchObject(gone);
    expect(await readRefusal(database.query(id, select))).toMatchObject(gone);
  });

  test("one wrong statement of a batch takes the others back", async ({ cloud }) => {
    const { client, account } = cloud;
    const { database } = client.d1;
    const { uuid = "" } = await database.create({ ...account, name: "ledger" });
    await database.query(uuid, { ...account, sql: "CREATE TABLE entries (amount INTEGER)" });
    const batch = [
      { sql: "INSERT INTO entries VALUES (1)" },
      { sql: "INSERT INTO no_such_table VALUES (1)" },
    ];
    expect(await readRefusal(database.query(uuid, { ...account, batch }))).toMatchObject({
      status: 400,
    });
    const count = database.query(uuid, { ...account, sql: "SELECT count(*) AS n FROM entries" });
    expect(await listAll(count)).toMatchObject([{ results: [{ n: 0 }] }]);
  });

  test("databases come in pages that end", async ({ cloud }) => {
    const { client, account } = cloud;
    const { database } = client.d1;
    for (const name of ["page-1", "page-2", "page-3"]) await database.create({ ...account, name });
    const query = { ...account, name: "page", per_page: 2 };
    const all = await listAll(database.list(query));
    expect(all.map(({ name }) => name)).toEqual(["page-1", "page-2", "page-3"]);
    const past = await database.list({ ...query, page: 3 });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });
  });

  test("an R2 bucket is made, filled by a Worker, listed and deleted when empty", async ({
    cloud,
  }) => {
    const { client, account } = cloud;
    const { buckets } = client.r2;
    const made = await buckets.create({ ...account, name: "nest", locationHint: "weur" });
    expect(made).toEqual({
      name: "nest",
      creation_date: expect.stringMatching(/^\d{4}-/),
      jurisdiction: "default",
      location: "weur",
      storage_class: "Standard",
    });
    expect(await buckets.get("nest", account)).toEqual(made);
    expect(await readRefusal(buckets.create({ ...account, name: "nest" }))).toMatchObject({
      status: 409,
      code: 10004,
    });
    expect(await readRefusal(buckets.create({ ...account, name: "No" }))).toMatchObject({
      status: 400,
      code: 10005,
    });
    const storage_class = "InfrequentAccess" as const;
    expect(await buckets.edit("nest", { ...account, storage_class })).toEqual({
      ...made,
      storage_class,
    });
    await cloud.upload("bird", {
      code: `export default { async fetch(request, env) {
        if (request.url.endsWith("/eat")) await env.NEST.delete(["egg", "twig"]);
        else await Promise.all([env.NEST.put("egg", "white"), env.NEST.put("twig", "brown")]);
        return new Response();
      } };`,
      metadata: { bindings: [{ type: "r2_bucket", name: "NEST", bucket_name: "nest" }] },
    });
    await cloud.fetchWorker("bird");
    const pages = buckets.objects.list("nest", { ...account, per_page: 1 });
    expect((await listAll(pages)).map(({ key }) => key)).toEqual(["egg", "twig"]);
    const only = { ...account, prefix: "e" };
    const objects = await listAll(buckets.objects.list("nest", only));
    expect(objects).toEqual([
      {
        key: "egg",
        size: 5,
        etag: expect.any(String),
        last_modified: expect.stringMatching(/^\d{4}-/),
      },
    ]);
    expect(await readRefusal(buckets.delete("nest", account))).toMatchObject({
      status: 409,
      code: 10008,
    });
    const where = { ...account, bucket_name: "nest" };
    expect(await buckets.objects.delete("egg", where)).toEqual({ key: "egg" });
    // One that is not there is no error.
    expect(await buckets.objects.delete("no/such egg", where)).toEqual({ key: "no/such egg" });
    const left = await listAll(buckets.objects.list("nest", account));
    expect(left.map(({ key }) => key)).toEqual(["twig"]);
    await cloud.fetchWorker("bird", "/eat");
    await client.workers.scripts.delete("bird", account);
    await buckets.delete("nest", account);
    const gone = { status: 404, code: 10006 };
    expect(await readRefusal(buckets.get("nest", account))).toMatchObject(gone);
    expect(await readRefusal(buckets.delete("nest", account))).toMatchObject(gone);
    expect(await readRefusal(buckets.objects.list("nest", account))).toMatchObject(gone);
  });

  test("buckets are listed by name, from where the last page ended", async ({ cloud }) => {
    const { client, account } = cloud;
    const { buckets } = client.r2;
    for (const name of ["page-c", "page-a", "page-b"]) await buckets.create({ ...account, name });
    const names = async (query: object) => {
      const found = await buckets.list({ ...account, name_contains: "page", ...query });
      return found.buckets?.map(({ name }) => name);
    };
    expect(await names({ per_page: 2 })).toEqual(["page-a", "page-b"]);
    expect(await names({ per_page: 2, start_after: "page-b" })).toEqual(["page-c"]);
    expect(await names({ per_page: 2, cursor: "page-c" })).toEqual([]);
    expect(await names({ direction: "desc" })).toEqual(["page-c", "page-b", "page-a"]);
  });
});
