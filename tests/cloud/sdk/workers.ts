import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, mainModule, readRefusal, type TestCloud } from "../../support/local-cloud.ts";

const noWorker = { status: 404, code: 10007 };
const noVersion = { status: 404, code: 10013 };
const greet = `export default { fetch: (request, env) => new Response(env.GREETING) };`;

/** Makes a version from code in JSON. */
function createVersion({ client, account }: TestCloud, worker: string, greeting: string) {
  return client.workers.beta.workers.versions.create(worker, {
    ...account,
    main_module: mainModule,
    compatibility_date: "2026-07-01",
    bindings: [{ type: "plain_text", name: "GREETING", text: greeting }],
    modules: [
      {
        name: mainModule,
        content_type: "application/javascript+module",
        content_base64: Buffer.from(greet).toString("base64"),
      },
    ],
  });
}

/** Changes some settings. The SDK's type asks for all of them, the API for those that change. */
function edit({ client, account }: TestCloud, worker: string, change: object) {
  const all = {
    ...account,
    name: "",
    logpush: false,
    observability: {},
    subdomain: {},
    tags: [],
    tail_consumers: [],
  };
  return client.workers.beta.workers.edit(worker, all, { body: change });
}

describe("Workers as objects of their own (beta)", () => {
  test("a Worker has every setting with its default before it has code", async ({ cloud }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    const made = await workers.create({ ...account, name: "bare" });
    expect(made).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "bare",
      created_on: expect.stringMatching(/^\d{4}-/),
      updated_on: expect.stringMatching(/^\d{4}-/),
      deployed_on: null,
      logpush: false,
      tags: [],
      tail_consumers: [],
      subdomain: { enabled: false, previews_enabled: false },
      observability: {
        enabled: false,
        head_sampling_rate: 1,
        logs: {
          destinations: [],
          enabled: false,
          head_sampling_rate: 1,
          invocation_logs: true,
          persist: true,
        },
        traces: { destinations: [], enabled: false, head_sampling_rate: 1, persist: true },
      },
      references: {
        dispatch_namespace_outbounds: [],
        domains: [],
        durable_objects: [],
        queues: [],
        workers: [],
      },
    });
    for (const name of [made.id, "bare"]) {
      expect(await workers.get(name, account)).toEqual(made);
    }
    expect((await cloud.fetchWorker("bare")).status).toBe(404);
    // Where Workers with code are listed it is not.
    const scripts = await listAll(client.workers.scripts.list(account));
    expect(scripts.map(({ id }) => id)).not.toContain("bare");
    const taken = workers.create({ ...account, name: "bare" });
    expect(await readRefusal(taken)).toMatchObject({ status: 409, code: 10040 });
    const wrong = workers.create({ ...account, name: "Not A Name" });
    expect(await readRefusal(wrong)).toMatchObject({ status: 400, code: 10016 });
  });

  test("an edit changes what it names, an update everything", async ({ cloud }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    const { id } = await workers.create({ ...account, name: "edited", tags: ["a"], logpush: true });
    const subdomain = { enabled: true, previews_enabled: true };
    const edited = await edit(cloud, id, { subdomain });
    expect(edited).toMatchObject({ tags: ["a"], logpush: true, subdomain });
    const observability = { enabled: true, logs: { enabled: true } };
    const updated = await workers.update(id, { ...account, name: "edited", observability });
    expect(updated).toMatchObject({
      id,
      tags: [],
      logpush: false,
      observability: { enabled: true, logs: { enabled: true, invocation_logs: true } },
    });
    expect(await workers.get(id, account)).toEqual(updated);
  });

  test("a version is made from code in JSON, deployed, and given back with its code", async ({
    cloud,
  }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    const { id } = await workers.create({ ...account, name: "json" });
    const first = await createVersion(cloud, id, "one");
    expect(first).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      number: 1,
      main_module: mainModule,
      compatibility_date: "2026-07-01",
      compatibility_flags: [],
      bindings: [{ type: "plain_text", name: "GREETING", text: "one" }],
      usage_model: "standard",
      source: "api",
      startup_time_ms: expect.any(Number),
    });
    expect((await cloud.fetchWorker("json")).status).toBe(404);
    const versions = [{ version_id: first.id, percentage: 100 }];
    const strategy = "percentage" as const;
    await client.workers.scripts.deployments.create("json", { ...account, strategy, versions });
    expect(await (await cloud.fetchWorker("json")).text()).toBe("one");
    expect((await workers.get(id, account)).deployed_on).toMatch(/^\d{4}-/);

    const place = { ...account, worker_id: id };
    const found = await workers.versions.get(first.id, place);
    expect(found.modules).toBeUndefined();
    const whole = await workers.versions.get(first.id, { ...place, include: "modules" });
    const [module] = whole.modules ?? [];
    expect(module?.name).toBe(mainModule);
    expect(Buffer.from(module?.content_base64 ?? "", "base64").toString()).toBe(greet);
    expect(await (await fetch(found.urls[0] ?? "")).text()).toBe("one");
  });

  test("a version that serves stays; others can be deleted", async ({ cloud }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    const { id } = await workers.create({ ...account, name: "pruned" });
    const place = { ...account, worker_id: id };
    const old = await createVersion(cloud, id, "one");
    const deployed = await workers.versions.create(id, {
      ...account,
      deploy: true,
      main_module: mainModule,
      modules: [
        {
          name: mainModule,
          content_type: "application/javascript+module",
          content_base64: Buffer.from(greet).toString("base64"),
        },
      ],
    });
    expect((await cloud.fetchWorker("pruned")).status).toBe(200);
    expect(await workers.versions.delete(old.id, place)).toMatchObject({ success: true });
    expect(await readRefusal(workers.versions.get(old.id, place))).toMatchObject(noVersion);
    expect(await readRefusal(workers.versions.delete(old.id, place))).toMatchObject(noVersion);
    expect(await readRefusal(workers.versions.delete(deployed.id, place))).toMatchObject({
      status: 400,
    });
    const left = await listAll(workers.versions.list(id, account));
    expect(left.map((each) => each.id)).toEqual([deployed.id]);
  });

  test("a Worker with a new name keeps its id, and its routes and domains follow", async ({
    cloud,
  }) => {
    const { client, account, zone } = cloud;
    const { workers } = client.workers.beta;
    await cloud.upload("old-name", {
      code: `export default { fetch: () => new Response("here") };`,
    });
    const pattern = "renamed.example.com/*";
    const route = await client.workers.routes.create({ ...zone, pattern, script: "old-name" });
    const hostname = "renamed-domain.example.com";
    await client.workers.domains.update({ ...account, hostname, service: "old-name" });
    const { id } = await workers.get("old-name", account);
    const renamed = await edit(cloud, id, { name: "new-name" });
    expect(renamed).toMatchObject({ id, name: "new-name" });
    expect(renamed.references.domains).toMatchObject([{ hostname }]);
    expect((await client.workers.routes.get(route.id, zone)).script).toBe("new-name");
    expect(await (await cloud.fetchWorker("new-name")).text()).toBe("here");
    for (const host of ["renamed.example.com", hostname]) {
      expect(await (await cloud.fetchHost(host)).text()).toBe("here");
    }
    expect((await cloud.fetchWorker("old-name")).status).toBe(404);
    expect(await readRefusal(workers.get("old-name", account))).toMatchObject(noWorker);
    await cloud.upload("second-name", { code: greet });
    const taken = edit(cloud, id, { name: "second-name" });
    expect(await readRefusal(taken)).toMatchObject({ status: 409, code: 10040 });
  });

  test("Workers and versions come in pages that end", async ({ cloud }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    for (const name of ["page-1", "page-2", "page-3"]) await workers.create({ ...account, name });
    const all = await listAll(workers.list({ ...account, per_page: 2 }));
    const names = all.map(({ name }) => name);
    expect(names.filter((name) => name.startsWith("page-"))).toEqual([
      "page-1",
      "page-2",
      "page-3",
    ]);
    expect(new Set(names).size).toBe(names.length);
    const past = await workers.list({ ...account, per_page: 2, page: all.length });
    expect(past.result).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: all.length });
    for (const greeting of ["1", "2", "3"]) await createVersion(cloud, "page-1", greeting);
    const versions = await listAll(workers.versions.list("page-1", { ...account, per_page: 2 }));
    expect(versions.map(({ number }) => number)).toEqual([3, 2, 1]);
  });

  test("a deleted Worker is gone from every list", async ({ cloud }) => {
    const { client, account } = cloud;
    const { workers } = client.workers.beta;
    const { id } = await workers.create({ ...account, name: "short-lived" });
    expect(await workers.delete(id, account)).toMatchObject({ success: true, errors: [] });
    expect(await readRefusal(workers.get(id, account))).toMatchObject(noWorker);
    expect(await readRefusal(workers.delete(id, account))).toMatchObject(noWorker);
    expect(await readRefusal(edit(cloud, id, {}))).toMatchObject(noWorker);
    expect(
      await readRefusal(workers.update(id, { ...account, name: "short-lived" })),
    ).toMatchObject(noWorker);
    expect(await readRefusal(createVersion(cloud, id, "x"))).toMatchObject(noWorker);
  });
});
