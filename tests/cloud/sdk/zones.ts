import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal } from "../../support/local-cloud.ts";

const code = `export default { fetch: (request) => new Response(request.url) };`;
const foreign = { status: 403, code: 9109 };

describe("Zones", () => {
  test("a zone is made, found by its name, and deleted with what it holds", async ({ cloud }) => {
    const { client, account } = cloud;
    const owner = { id: account.account_id };
    const made = await client.zones.create({ account: owner, name: "made.test" });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "made.test",
      status: "active",
      type: "full",
      paused: false,
      account: owner,
      development_mode: 0,
      original_dnshost: null,
      original_name_servers: null,
      original_registrar: null,
      name_servers: [expect.any(String), expect.any(String)],
      meta: {},
      owner: {},
      plan: {},
    });
    expect(await client.zones.get({ zone_id: made.id })).toEqual(made);
    const find = (query: Parameters<typeof client.zones.list>[0]) =>
      listAll(client.zones.list(query));
    expect(await find({ name: "made.test", account: owner })).toEqual([made]);
    expect(await find({ name: "made.test", account: { id: "0".repeat(32) } })).toEqual([]);
    expect((await find({ direction: "desc" })).map(({ name }) => name)).toEqual([
      "made.test",
      "example.com",
    ]);
    expect((await find({ per_page: 1 })).map(({ name }) => name)).toEqual([
      "example.com",
      "made.test",
    ]);
    const past = await client.zones.list({ per_page: 1, page: 3 });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 2, total_pages: 2 });
    const again = client.zones.create({ account: owner, name: "made.test" });
    expect(await readRefusal(again)).toMatchObject({ status: 400, code: 1061 });

    await client.workers.routes.create({ zone_id: made.id, pattern: "made.test/*" });
    expect(await client.zones.delete({ zone_id: made.id })).toEqual({ id: made.id });
    expect(await readRefusal(client.zones.get({ zone_id: made.id }))).toMatchObject(foreign);
    expect(await readRefusal(client.zones.delete({ zone_id: made.id }))).toMatchObject(foreign);
    const routes = client.workers.routes.list({ zone_id: made.id });
    expect(await readRefusal(routes)).toMatchObject(foreign);
  });

  test("a route leads to a Worker, or to none", async ({ cloud }) => {
    const { client, zone } = cloud;
    const { routes } = client.workers;
    await cloud.upload("routed", { code });
    const script = "routed";
    const made = await routes.create({ ...zone, pattern: "www.example.com/app/*", script });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      pattern: "www.example.com/app/*",
      script,
    });
    expect(await routes.get(made.id, zone)).toEqual(made);
    expect(await listAll(routes.list(zone))).toContainEqual(made);
    const ask = async (path: string) => (await cloud.fetchHost("www.example.com", path)).status;
    expect([await ask("/app/x"), await ask("/other")]).toEqual([200, 404]);
    const pattern = "*.example.com/other";
    expect(await routes.update(made.id, { ...zone, pattern, script })).toEqual({
      id: made.id,
      pattern,
      script,
    });
    expect([await ask("/app/x"), await ask("/other")]).toEqual([404, 200]);
    // The longer host wins, and leads nowhere.
    const none = await routes.create({ ...zone, pattern: "www.example.com/other" });
    expect(none).toEqual({ id: none.id, pattern: "www.example.com/other" });
    expect(await ask("/other")).toBe(404);
    expect(await routes.delete(none.id, zone)).toEqual({ id: none.id });
    expect(await ask("/other")).toBe(200);
    await client.workers.scripts.delete("routed", cloud.account);
    const gone = { status: 404, code: 10009 };
    expect(await readRefusal(routes.get(made.id, zone))).toMatchObject(gone);
    expect(await readRefusal(routes.delete(made.id, zone))).toMatchObject(gone);
    expect(
      await readRefusal(routes.update(made.id, { ...zone, pattern: "example.com/" })),
    ).toMatchObject(gone);
  });

  test("a route is refused that is taken, malformed, outside the zone or to no Worker", async ({
    cloud,
  }) => {
    const { client, zone } = cloud;
    const { routes } = client.workers;
    const create = (pattern: string, script?: string) =>
      routes.create({ ...zone, pattern, ...(script !== undefined && { script }) });
    const made = await create("taken.example.com/*");
    const other = await create("other.example.com/*");
    const taken = { status: 409, code: 10020 };
    expect(await readRefusal(create("taken.example.com/*"))).toMatchObject(taken);
    const update = routes.update(other.id, { ...zone, pattern: made.pattern });
    expect(await readRefusal(update)).toMatchObject(taken);
    for (const wrong of ["", "a*b.example.com/*", "www.example.com/*/x", "www.elsewhere.test/*"]) {
      expect(await readRefusal(create(wrong))).toMatchObject({ status: 400, code: 10022 });
    }
    expect(await readRefusal(create("none.example.com/*", "absent"))).toMatchObject({
      status: 404,
      code: 10019,
    });
  });

  test("a custom domain leads to a Worker, and shows as a DNS record", async ({ cloud }) => {
    const { client, account, zone } = cloud;
    const { domains } = client.workers;
    await cloud.upload("domain-1", { code });
    await cloud.upload("domain-2", { code });
    const hostname = "custom.example.com";
    const made = await domains.update({ ...account, hostname, service: "domain-1", ...zone });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      cert_id: expect.any(String),
      environment: "production",
      hostname,
      service: "domain-1",
      zone_id: zone.zone_id,
      zone_name: "example.com",
    });
    expect(await domains.get(made.id, account)).toEqual(made);
    expect(await listAll(domains.list({ ...account, hostname }))).toEqual([made]);
    expect(await listAll(domains.list({ ...account, service: "domain-2" }))).toEqual([]);
    const answer = await cloud.fetchHost(hostname, "/path");
    expect(await answer.text()).toBe("https://custom.example.com/path");
    const again = await domains.update({ ...account, hostname, service: "domain-1" });
    expect(again).toEqual(made);

    const other = domains.update({ ...account, hostname, service: "domain-2" });
    expect(await readRefusal(other)).toMatchObject({ status: 409, code: 100116 });
    const [record] = await listAll(client.dns.records.list({ ...zone, name: { exact: hostname } }));
    expect(record).toMatchObject({ type: "AAAA", content: "100::", proxied: true });
    const removal = client.dns.records.delete(record?.id ?? "", zone);
    expect(await readRefusal(removal)).toMatchObject({ status: 400, code: 1043 });

    expect(await domains.delete(made.id, account)).toMatchObject({ success: true, errors: [] });
    const gone = { status: 404, code: 100114 };
    expect(await readRefusal(domains.get(made.id, account))).toMatchObject(gone);
    expect(await readRefusal(domains.delete(made.id, account))).toMatchObject(gone);
    expect((await cloud.fetchHost(hostname)).status).toBe(404);
  });

  test("a custom domain is refused outside the zones, for no Worker, and over a DNS record", async ({
    cloud,
  }) => {
    const { client, account, zone } = cloud;
    await cloud.upload("domain-3", { code });
    const put = (hostname: string, service = "domain-3") =>
      client.workers.domains.update({ ...account, hostname, service });
    expect(await readRefusal(put("www.elsewhere.test"))).toMatchObject({ status: 400 });
    expect(await readRefusal(put("none.example.com", "absent"))).toMatchObject({
      status: 404,
      code: 10007,
    });
    const content = "192.0.2.1";
    await client.dns.records.create({ ...zone, type: "A", name: "held", content, ttl: 1 });
    expect(await readRefusal(put("held.example.com"))).toMatchObject({ status: 409, code: 100117 });
  });

  test("a DNS record is made, changed, found and deleted", async ({ cloud }) => {
    const { client, zone } = cloud;
    const { records } = client.dns;
    const made = await records.create({
      ...zone,
      type: "A",
      name: "a.example.com",
      content: "192.0.2.1",
      ttl: 300,
      comment: "for a test",
    });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      type: "A",
      name: "a.example.com",
      content: "192.0.2.1",
      ttl: 300,
      proxied: false,
      proxiable: true,
      comment: "for a test",
      created_on: expect.stringMatching(/^\d{4}-/),
      modified_on: expect.stringMatching(/^\d{4}-/),
      meta: {},
      settings: {},
      tags: [],
    });
    expect(await records.get(made.id, zone)).toEqual(made);
    const edited = await records.edit(made.id, {
      ...zone,
      type: "A",
      name: "a.example.com",
      ttl: 60,
      content: "192.0.2.2",
    });
    expect(edited).toMatchObject({ id: made.id, ttl: 60, comment: "for a test" });
    const replaced = await records.update(made.id, {
      ...zone,
      type: "CNAME",
      name: "a",
      content: "b.example.com",
      ttl: 1,
    });
    expect(replaced).toMatchObject({
      id: made.id,
      type: "CNAME",
      name: "a.example.com",
      comment: null,
    });
    const find = (query: object) => listAll(records.list({ ...zone, ...query }));
    expect(await find({ name: { exact: "a.example.com" } })).toEqual([replaced]);
    expect(await find({ type: "CNAME", content: { exact: "b.example.com" } })).toEqual([replaced]);
    expect(await find({ name: { exact: "a.example.com" }, type: "A" })).toEqual([]);
    for (const index of [1, 2, 3]) {
      const name = `txt-${index}`;
      await records.create({ ...zone, type: "TXT", name, content: `"${index}"`, ttl: 1 });
    }
    expect((await find({ type: "TXT", per_page: 2 })).map(({ name }) => name)).toEqual([
      "txt-1.example.com",
      "txt-2.example.com",
      "txt-3.example.com",
    ]);
    const past = await records.list({ ...zone, type: "TXT", per_page: 2, page: 3 });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });
    expect(await records.delete(made.id, zone)).toEqual({ id: made.id });
    const gone = { status: 404, code: 81044 };
    expect(await readRefusal(records.get(made.id, zone))).toMatchObject(gone);
    expect(await readRefusal(records.delete(made.id, zone))).toMatchObject(gone);
  });
});
