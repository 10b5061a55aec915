import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import { listAll, readRefusal, type TestCloud } from "../../support/local-cloud.ts";

const say = (word: string) => `export default { fetch: () => new Response("${word}") };`;

const noWorker = { status: 404, code: 10007 };
const noVersion = { status: 404, code: 100146 };
const unknownId = "00000000-0000-4000-8000-000000000000";

function deploy({ client, account }: TestCloud, name: string, shares: Record<string, number>) {
  return client.workers.scripts.deployments.create(name, {
    ...account,
    strategy: "percentage",
    versions: Object.entries(shares).map(([version_id, percentage]) => ({
      version_id,
      percentage,
    })),
    annotations: { "workers/message": "by a test" },
  });
}

async function readId(version: PromiseLike<{ readonly id?: string }>): Promise<string> {
  const { id } = await version;
  if (id === undefined) throw new Error("The version has no id.");
  return id;
}

describe("Versions and deployments", () => {
  test("a version serves from its deployment on, and so does an older one", async ({ cloud }) => {
    const { client, account } = cloud;
    const { deployments, versions } = client.workers.scripts;
    await cloud.upload("staged", { code: say("one") });
    const created = await cloud.uploadVersion("staged", {
      code: say("two"),
      metadata: { annotations: { "workers/tag": "v2", "workers/message": "second" } },
    });
    expect(created).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      number: 2,
      startup_time_ms: expect.any(Number),
      metadata: { author_email: "local@example.com", source: "api", hasPreview: false },
      resources: {
        script: { handlers: ["fetch"], etag: expect.any(String) },
        script_runtime: { usage_model: "standard" },
        bindings: [],
      },
    });
    expect(await (await cloud.fetchWorker("staged")).text()).toBe("one");
    const two = await readId(Promise.resolve(created));
    const found = await versions.get(two, { ...account, script_name: "staged" });
    expect(found).toEqual(created);

    const deployed = await deploy(cloud, "staged", { [two]: 100 });
    expect(deployed).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      created_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      source: "api",
      strategy: "percentage",
      author_email: "local@example.com",
      annotations: { "workers/triggered_by": "deployment", "workers/message": "by a test" },
      versions: [{ version_id: two, percentage: 100 }],
    });
    expect(await (await cloud.fetchWorker("staged")).text()).toBe("two");
    const place = { ...account, script_name: "staged" };
    expect(await deployments.get(deployed.id, place)).toEqual(deployed);

    const listed = await listAll(versions.list("staged", account));
    expect(listed.map(({ number }) => number)).toEqual([2, 1]);
    const one = listed[1]?.id ?? "";
    await deploy(cloud, "staged", { [one]: 100 });
    expect(await (await cloud.fetchWorker("staged")).text()).toBe("one");
  });

  test("deployments are listed newest first, and all but the newest can be deleted", async ({
    cloud,
  }) => {
    const { client, account } = cloud;
    const { deployments } = client.workers.scripts;
    await cloud.upload("history", { code: say("one") });
    await cloud.upload("history", { code: say("two") });
    // Cloudflare's list stands under `deployments`, where the SDK's pages do not look for it.
    const read = async () => {
      const answer = await deployments.list("history", account).asResponse();
      const { result } = (await answer.json()) as { result: { deployments: { id: string }[] } };
      return result.deployments.map(({ id }) => id);
    };
    const [newest = "", oldest = "", ...rest] = await read();
    expect(rest).toEqual([]);
    const place = { ...account, script_name: "history" };
    const older = await deployments.get(oldest, place);
    const newer = await deployments.get(newest, place);
    expect(newer.created_on > older.created_on).toBe(true);
    expect(await deployments.delete(oldest, place)).toMatchObject({ success: true, errors: [] });
    expect(await read()).toEqual([newest]);
    const gone = { status: 404, code: 10336 };
    expect(await readRefusal(deployments.get(oldest, place))).toMatchObject(gone);
    expect(await readRefusal(deployments.delete(oldest, place))).toMatchObject(gone);
    expect(await readRefusal(deployments.delete(newest, place))).toMatchObject({ status: 400 });
    expect(await (await cloud.fetchWorker("history")).text()).toBe("two");
  });

  test("of two versions the one with the larger share answers", async ({ cloud }) => {
    await cloud.upload("split", { code: say("one") });
    const two = await readId(cloud.uploadVersion("split", { code: say("two") }));
    const three = await readId(cloud.uploadVersion("split", { code: say("three") }));
    const { versions } = await deploy(cloud, "split", { [two]: 10, [three]: 90 });
    expect(versions).toEqual([
      { version_id: two, percentage: 10 },
      { version_id: three, percentage: 90 },
    ]);
    expect(await (await cloud.fetchWorker("split")).text()).toBe("three");
  });

  test("what is not there or does not add up is not deployed", async ({ cloud }) => {
    const { client, account } = cloud;
    const { versions } = client.workers.scripts;
    await cloud.upload("careful", { code: say("one") });
    await cloud.upload("other", { code: say("other") });
    const two = await readId(cloud.uploadVersion("careful", { code: say("two") }));
    const [foreign] = (await versions.list("other", account)).result.items ?? [];
    expect(await readRefusal(deploy(cloud, "careful", { [two]: 90 }))).toMatchObject({
      status: 400,
      code: 10021,
    });
    for (const id of [unknownId, foreign?.id ?? ""]) {
      expect(await readRefusal(deploy(cloud, "careful", { [id]: 100 }))).toMatchObject(noVersion);
      const place = { ...account, script_name: "careful" };
      expect(await readRefusal(versions.get(id, place))).toMatchObject(noVersion);
    }
    expect(await readRefusal(deploy(cloud, "absent", { [two]: 100 }))).toMatchObject(noWorker);
    expect(await readRefusal(versions.list("absent", account))).toMatchObject(noWorker);
    expect(await readRefusal(cloud.uploadVersion("absent", { code: say("x") }))).toMatchObject(
      noWorker,
    );
    expect(await (await cloud.fetchWorker("careful")).text()).toBe("one");
  });

  test("versions come in pages that end", async ({ cloud }) => {
    const { client, account } = cloud;
    const { versions } = client.workers.scripts;
    for (const word of ["one", "two", "three"]) await cloud.upload("paged", { code: say(word) });
    const all = await listAll(versions.list("paged", { ...account, per_page: 2 }));
    expect(all.map(({ number }) => number)).toEqual([3, 2, 1]);
    const past = await versions.list("paged", { ...account, per_page: 2, page: 3 });
    expect(past.result.items).toEqual([]);
    expect(past.result_info).toMatchObject({ count: 0, total_count: 3, total_pages: 2 });
  });
});
