import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { LocalCloud } from "../../scripts/local-cloud/server.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

function answering(text: string) {
  return { code: `export default { fetch: () => new Response("${text}") }` };
}

test("changes of one Worker that come at once are all kept", async () => {
  await using cloud = await TestCloud.start();
  await cloud.upload("example", answering("first"));
  const { secrets } = cloud.client.workers.scripts;
  const names = ["ONE", "TWO", "THREE"];
  await Promise.all(
    names.map((name) =>
      secrets.update("example", { ...cloud.account, name, text: name, type: "secret_text" }),
    ),
  );
  const kept = [];
  for await (const secret of secrets.list("example", cloud.account)) kept.push(secret.name);
  expect(kept.sort()).toEqual(names.toSorted());

  await Promise.all([
    cloud.upload("example", {
      ...answering("second"),
      metadata: { keep_bindings: ["secret_text"] },
    }),
    secrets.update("example", { ...cloud.account, name: "FOUR", text: "4", type: "secret_text" }),
  ]);
  expect(await (await cloud.fetchWorker("example")).text()).toBe("second");
});

test("a Worker that is asked for many times at once gets one port", async () => {
  await using cloud = await TestCloud.start();
  const { ports } = cloud.local.cloud;
  const given = await Promise.all(
    Array.from({ length: 5 }, () => ports.assign(cloud.local.accountId, "example")),
  );
  expect(new Set(given).size).toBe(1);
  expect(ports.list()).toHaveLength(1);
});

test("two clouds do not work in one folder", async () => {
  await using folder = await makeTempFolder();
  const options = { port: 0, directory: folder.path };
  {
    await using _first = await LocalCloud.start(options);
    await expect(LocalCloud.start({ ...options, fresh: true })).rejects.toThrowError(
      /Another local cloud works in .*Stop it first/,
    );
  }
  await using _second = await LocalCloud.start({ ...options, fresh: true });
});

test("a stale read shows the records as they were, and a write is never stale", async () => {
  await using cloud = await TestCloud.start();
  const { namespaces } = cloud.client.kv;
  const { id } = await namespaces.create({ ...cloud.account, title: "before" });
  await namespaces.update(id, { ...cloud.account, title: "after" });
  const { faults } = cloud.local.cloud;
  const stale = { path: id, count: 1, after: 0, fault: { kind: "stale" } } as const;
  faults.add(stale);
  expect((await namespaces.get(id, cloud.account)).title).toBe("before");
  expect((await namespaces.get(id, cloud.account)).title).toBe("after");
  faults.add(stale);
  await namespaces.delete(id, cloud.account);
  await expect(namespaces.get(id, cloud.account)).rejects.toMatchObject({ status: 404 });
});

test("code that no version has any more is gone after a restart", async () => {
  await using folder = await makeTempFolder();
  const options = { port: 0, directory: folder.path };
  let hash = "";
  {
    await using local = await LocalCloud.start(options);
    const { store } = local.cloud;
    hash = store.keepBytes(new TextEncoder().encode("left behind"));
    expect(store.readBytes(hash).byteLength).toBe(11);
  }
  await using local = await LocalCloud.start(options);
  expect(() => local.cloud.store.readBytes(hash)).toThrowError(/no bytes/);
});

test("a cloud that ends before it has taken a change over removes no data", async () => {
  await using folder = await makeTempFolder();
  const data = join(folder.path, "data/kv");
  const unused = "0".repeat(32);
  {
    await using local = await LocalCloud.start({ port: 0, directory: folder.path });
    await mkdir(join(data, unused), { recursive: true });
    local.cloud.reload();
  }
  // A removal that went on alone would have happened by then.
  await sleep(100);
  expect(await readdir(data)).toEqual([unused]);
});
