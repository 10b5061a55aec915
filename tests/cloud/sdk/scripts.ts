import { describe, expect } from "vitest";
import { test } from "../../support/cloud-test.ts";
import {
  listAll,
  mainModule,
  readRefusal,
  toJsonFile,
  toParts,
} from "../../support/local-cloud.ts";

const hello = `export default { fetch: (request, env) => Response.json(env) };`;
const goodbye = `export default { fetch: () => new Response("goodbye") };`;

const missing = { status: 404, code: 10007 };

describe("Workers", () => {
  test("a Worker is uploaded, listed, read and deleted", async ({ cloud }) => {
    const { client, account } = cloud;
    const { scripts } = client.workers;
    const uploaded = await cloud.upload("first", {
      code: hello,
      metadata: {
        compatibility_date: "2026-07-01",
        compatibility_flags: ["nodejs_als"],
        bindings: [{ type: "plain_text", name: "GREETING", text: "hi" }],
        tags: ["a tag"],
        logpush: false,
      },
    });
    expect(uploaded).toMatchObject({
      id: "first",
      startup_time_ms: expect.any(Number),
      etag: expect.stringMatching(/^[0-9a-f]{64}$/),
      compatibility_date: "2026-07-01",
      compatibility_flags: ["nodejs_als"],
      handlers: ["fetch"],
      has_assets: false,
      has_modules: true,
      last_deployed_from: "api",
      logpush: false,
      tags: ["a tag"],
      tail_consumers: null,
      usage_model: "standard",
    });
    expect(await (await cloud.fetchWorker("first")).json()).toEqual({ GREETING: "hi" });
    const listed = await listAll(scripts.list(account));
    const { startup_time_ms: _, ...shown } = uploaded;
    expect(listed.find(({ id }) => id === "first")).toMatchObject({
      etag: shown.etag,
      created_on: shown.created_on,
      modified_on: shown.modified_on,
      tag: shown.tag,
    });
    expect(await scripts.get("first", account)).toBe(hello);
    expect(await scripts.delete("first", account)).toBeNull();
    expect((await cloud.fetchWorker("first")).status).toBe(404);
    expect(await readRefusal(scripts.get("first", account))).toMatchObject(missing);
    expect(await readRefusal(scripts.delete("first", account))).toMatchObject(missing);
  });

  test("an upload as SDK 7 builds it by itself is refused, as Cloudflare refuses it", async ({
    cloud,
  }) => {
    const files = [new File([hello], mainModule, { type: "application/javascript+module" })];
    const metadata = { main_module: mainModule };
    const { scripts } = cloud.client.workers;
    const upload = { ...cloud.account, metadata, files };
    // It takes `metadata` apart into fields of the form (cloudflare/cloudflare-typescript#2799).
    const refusal = { status: 400, code: 10021, message: expect.stringContaining("metadata") };
    expect(await readRefusal(scripts.update("by-itself", upload))).toEqual(refusal);
    await cloud.upload("by-itself", { code: hello });
    const create = scripts.versions.create("by-itself", upload);
    expect(await readRefusal(create)).toEqual(refusal);
  });

  test("every module of an upload is there, whatever its kind", async ({ cloud }) => {
    // Names without a folder: SDK 7 takes a folder off the filename. tests/cloud/sdk-encoders.test.ts has some.
    const bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    await cloud.upload("modules", {
      code: `import text from "./text.txt";
        import data from "./data.bin";
        import module from "./module.wasm";
        import { half } from "./half.js";
        export default { fetch: () => Response.json({
          text, data: [...new Uint8Array(data)], wasm: module instanceof WebAssembly.Module, half: half(4),
        }) };`,
      modules: {
        "text.txt": ["text/plain", "words"],
        "data.bin": ["application/octet-stream", Uint8Array.of(0, 255)],
        "module.wasm": ["application/wasm", bytes],
        "half.js": ["application/javascript+module", "export const half = (n) => n / 2;"],
        "worker.js.map": ["application/source-map", "{}"],
      },
    });
    expect(await (await cloud.fetchWorker("modules")).json()).toEqual({
      text: "words",
      data: [0, 255],
      wasm: true,
      half: 2,
    });
    const content = await cloud.client.workers.scripts.content.get("modules", cloud.account);
    expect(content.headers.get("cf-entrypoint")).toBe(mainModule);
    const form = await content.formData();
    // The main one first: the Pulumi provider reads no further.
    expect([...form.keys()].sort()).toEqual(
      ["data.bin", "text.txt", "half.js", "module.wasm", mainModule].sort(),
    );
    expect([...form.keys()][0]).toBe(mainModule);
    const wasm = form.get("module.wasm");
    if (!(wasm instanceof File)) throw new Error("The part module.wasm is not a file.");
    expect(new Uint8Array(await wasm.arrayBuffer())).toEqual(bytes);
  });

  test("new code alone keeps bindings and settings", async ({ cloud }) => {
    const { client, account } = cloud;
    const { content, scriptAndVersionSettings } = client.workers.scripts;
    const bindings = [{ type: "secret_text", name: "KEY", text: "swordfish" }];
    await cloud.upload("content", { code: goodbye, metadata: { bindings } });
    const put = (metadata: { main_module: string }) =>
      content.update(
        "content",
        { ...account, metadata },
        { body: toParts({ code: hello, metadata }) },
      );
    const before = await scriptAndVersionSettings.get("content", account);
    const { etag } = await put({ main_module: mainModule });
    expect(etag).toMatch(/^[0-9a-f]{64}$/);
    expect(await (await cloud.fetchWorker("content")).json()).toEqual({ KEY: "swordfish" });
    expect(await scriptAndVersionSettings.get("content", account)).toEqual(before);
    expect(await readRefusal(put({ main_module: "absent.js" }))).toMatchObject({
      status: 400,
      code: 10021,
    });
    expect(await readRefusal(content.get("absent", account))).toMatchObject(missing);
  });

  test("settings are changed one at a time, each as a version", async ({ cloud }) => {
    const { client, account } = cloud;
    const { scriptAndVersionSettings: settings, versions } = client.workers.scripts;
    await cloud.upload("settings", {
      code: hello,
      metadata: {
        compatibility_date: "2026-07-01",
        bindings: [
          { type: "plain_text", name: "GREETING", text: "hi" },
          { type: "secret_text", name: "KEY", text: "swordfish" },
        ],
        observability: { enabled: true },
        limits: { cpu_ms: 50 },
      },
    });
    expect(await settings.get("settings", account)).toEqual({
      bindings: [
        { type: "plain_text", name: "GREETING", text: "hi" },
        { type: "secret_text", name: "KEY" },
      ],
      compatibility_date: "2026-07-01",
      compatibility_flags: [],
      limits: { cpu_ms: 50 },
      logpush: false,
      // As it was sent: what is added would be drift to the Pulumi provider.
      observability: { enabled: true },
      placement: {},
      tags: [],
      tail_consumers: null,
      usage_model: "standard",
    });
    // SDK 7 takes `settings` apart into fields of the form, as it does with uploads.
    const edit = (change: object) =>
      settings.edit("settings", account, { body: { settings: toJsonFile(change) } });
    const changed = await edit({
      bindings: [
        { type: "plain_text", name: "GREETING", text: "salut" },
        { type: "inherit", name: "KEY" },
      ],
    });
    expect(changed.compatibility_date).toBe("2026-07-01");
    expect(await (await cloud.fetchWorker("settings")).json()).toEqual({
      GREETING: "salut",
      KEY: "swordfish",
    });
    expect((await edit({ placement: { mode: "smart" } })).placement).toEqual({ mode: "smart" });
    expect((await versions.list("settings", account)).result.items?.length).toBe(3);
    expect(await readRefusal(edit({ compatibility_flags: ["no_such_flag"] }))).toMatchObject({
      status: 400,
      code: 10021,
      message: expect.stringContaining("no_such_flag"),
    });
    expect(await readRefusal(settings.get("absent", account))).toMatchObject(missing);
  });

  test("settings of the Worker itself make no version", async ({ cloud }) => {
    const { client, account } = cloud;
    const { settings, versions } = client.workers.scripts;
    await cloud.upload("own-settings", { code: hello });
    const change = { tags: ["team"], observability: { enabled: true, head_sampling_rate: 0.5 } };
    const changed = await settings.edit("own-settings", { ...account, ...change });
    expect(changed).toEqual({ logpush: false, tail_consumers: null, ...change });
    expect(await settings.get("own-settings", account)).toEqual(changed);
    await settings.edit("own-settings", { ...account, tags: null, observability: null });
    expect(await settings.get("own-settings", account)).toEqual({
      logpush: false,
      tail_consumers: null,
      tags: [],
    });
    expect((await versions.list("own-settings", account)).result.items?.length).toBe(1);
    expect(await readRefusal(settings.get("absent", account))).toMatchObject(missing);
    expect(await readRefusal(settings.edit("absent", account))).toMatchObject(missing);
  });

  test("secrets are put, listed without their values, and deleted", async ({ cloud }) => {
    const { client, account } = cloud;
    const { secrets } = client.workers.scripts;
    await cloud.upload("secrets", { code: hello });
    const ask = async () => (await cloud.fetchWorker("secrets")).json();
    const place = { ...account, script_name: "secrets" };
    const shown = (name: string) => ({ name, type: "secret_text" });
    const put = { ...account, name: "KEY", text: "swordfish", type: "secret_text" as const };
    expect(await secrets.update("secrets", put)).toEqual(shown("KEY"));
    expect(await ask()).toEqual({ KEY: "swordfish" });
    expect(await secrets.get("KEY", place)).toEqual(shown("KEY"));

    const secret = (name: string, text: string) => ({ name, text, type: "secret_text" as const });
    const bulk = { KEY: null, ONE: secret("ONE", "1"), TWO: secret("TWO", "2") };
    expect(await secrets.bulkUpdate("secrets", { ...account, secrets: bulk })).toEqual({
      ONE: shown("ONE"),
      TWO: shown("TWO"),
    });
    expect(await ask()).toEqual({ ONE: "1", TWO: "2" });
    expect(await listAll(secrets.list("secrets", account))).toEqual([shown("ONE"), shown("TWO")]);
    expect(await secrets.delete("ONE", place)).toBeNull();
    expect(await ask()).toEqual({ TWO: "2" });

    const none = { status: 404, code: 10056 };
    expect(await readRefusal(secrets.get("ONE", place))).toMatchObject(none);
    expect(await readRefusal(secrets.delete("ONE", place))).toMatchObject(none);
    expect(await readRefusal(secrets.list("absent", account))).toMatchObject(missing);
    expect(await readRefusal(secrets.update("absent", put))).toMatchObject(missing);
  });

  test("a secret is not put while the newest version waits to be deployed", async ({ cloud }) => {
    const { client, account } = cloud;
    await cloud.upload("waiting", { code: hello });
    await cloud.uploadVersion("waiting", { code: goodbye });
    const put = { ...account, name: "KEY", text: "swordfish", type: "secret_text" as const };
    expect(await readRefusal(client.workers.scripts.secrets.update("waiting", put))).toMatchObject({
      status: 400,
      code: 10215,
    });
    expect(await (await cloud.fetchWorker("waiting")).json()).toEqual({});
  });

  test("an upload keeps secrets where it says so, and drops them otherwise", async ({ cloud }) => {
    const bindings = [
      { type: "secret_text", name: "KEY", text: "swordfish" },
      { type: "plain_text", name: "GREETING", text: "hi" },
    ];
    await cloud.upload("keeps", { code: hello, metadata: { bindings } });
    await cloud.upload("keeps", { code: hello, metadata: { keep_bindings: ["secret_text"] } });
    expect(await (await cloud.fetchWorker("keeps")).json()).toEqual({ KEY: "swordfish" });
    await cloud.upload("keeps", { code: hello });
    expect(await (await cloud.fetchWorker("keeps")).json()).toEqual({});
  });

  test("bindings are inherited by name, from an older version too", async ({ cloud }) => {
    const { client, account } = cloud;
    const text = (value: string) => [{ type: "secret_text", name: "KEY", text: value }];
    await cloud.upload("heir", { code: hello, metadata: { bindings: text("old") } });
    const { versions } = client.workers.scripts;
    const [oldest] = (await versions.list("heir", account)).result.items ?? [];
    await cloud.upload("heir", { code: hello, metadata: { bindings: text("new") } });
    const inherit = async (binding: object, strict = false) => {
      const metadata = { main_module: mainModule, bindings: [{ type: "inherit", ...binding }] };
      const parts = toParts({ code: hello, metadata });
      await client.workers.scripts.update(
        "heir",
        { ...account, metadata: {} },
        {
          body: parts,
          headers: { "Content-Type": null },
          ...(strict && { query: { bindings_inherit: "strict" } }),
        },
      );
      return (await cloud.fetchWorker("heir")).json();
    };
    expect(await inherit({ name: "OLD", old_name: "KEY", version_id: oldest?.id })).toEqual({
      OLD: "old",
    });
    expect(await inherit({ name: "NEWEST", old_name: "OLD", version_id: "latest" })).toEqual({
      NEWEST: "old",
    });
    const nothing = { name: "NEWEST", old_name: "NO_SUCH" };
    expect(await readRefusal(inherit(nothing, true))).toMatchObject({ status: 400, code: 10057 });
    expect(await (await cloud.fetchWorker("heir")).json()).toEqual({ NEWEST: "old" });
    // Without `bindings_inherit=strict` what is not there is left out.
    expect(await inherit(nothing)).toEqual({});

    // Not from another Worker, whose secrets they are.
    const metadata = { bindings: [{ type: "inherit", name: "KEY", version_id: oldest?.id }] };
    await cloud.upload("stranger", { code: hello, metadata });
    expect(await (await cloud.fetchWorker("stranger")).json()).toEqual({});
  });

  test("a Worker is served at workers.dev while it is enabled there", async ({ cloud }) => {
    const { client, account } = cloud;
    const { subdomain } = client.workers.scripts;
    await cloud.upload("dev", { code: goodbye });
    const ask = async () => (await cloud.fetchHost("dev.local.workers.dev")).status;
    expect(await subdomain.get("dev", account)).toEqual({
      enabled: false,
      previews_enabled: false,
    });
    expect(await ask()).toBe(404);
    expect(
      await subdomain.create("dev", { ...account, enabled: true, previews_enabled: true }),
    ).toEqual({ enabled: true, previews_enabled: true });
    expect(await ask()).toBe(200);
    expect(await subdomain.create("dev", { ...account, enabled: true })).toEqual({
      enabled: true,
      previews_enabled: true,
    });
    const off = { enabled: false, previews_enabled: false };
    expect(await subdomain.delete("dev", account)).toEqual(off);
    expect(await subdomain.get("dev", account)).toEqual(off);
    expect(await ask()).toBe(404);
    expect(await readRefusal(subdomain.get("absent", account))).toMatchObject(missing);
  });

  test("cron triggers are set all at once, and wrong ones are refused", async ({ cloud }) => {
    const { client, account } = cloud;
    const { schedules } = client.workers.scripts;
    await cloud.upload("crons", {
      code: `export default { fetch: () => new Response(), scheduled() {} };`,
    });
    const put = (...crons: string[]) =>
      schedules.update("crons", { ...account, body: crons.map((cron) => ({ cron })) });
    const set = await put("*/5 * * * *", "0 0 1 JAN MON#1");
    expect(set.schedules.map(({ cron }) => cron)).toEqual(["*/5 * * * *", "0 0 1 JAN MON#1"]);
    expect(await schedules.get("crons", account)).toEqual(set);
    const again = await put("*/5 * * * *");
    expect(again.schedules[0]?.created_on).toBe(set.schedules[0]?.created_on);
    for (const wrong of ["* * * *", "every minute", "* * * * * *"]) {
      expect(await readRefusal(put(wrong))).toMatchObject({ status: 400, code: 10100 });
    }
    expect(await schedules.get("crons", account)).toEqual(again);
    expect((await put()).schedules).toEqual([]);
    expect(await readRefusal(schedules.get("absent", account))).toMatchObject(missing);
  });

  test("a Worker that another is bound to is deleted only by force", async ({ cloud }) => {
    const { client, account } = cloud;
    await cloud.upload("bound-to", { code: goodbye });
    const service = { type: "service", name: "OTHER", service: "bound-to" };
    await cloud.upload("binder", {
      code: `export default { fetch: (request, env) => env.OTHER.fetch(request) };`,
      metadata: { bindings: [service] },
    });
    expect(await (await cloud.fetchWorker("binder")).text()).toBe("goodbye");
    const { scripts } = client.workers;
    expect(await readRefusal(scripts.delete("bound-to", account))).toMatchObject({
      status: 400,
      code: 10064,
      message: expect.stringContaining("binder"),
    });
    expect((await cloud.fetchWorker("bound-to")).status).toBe(200);
    await scripts.delete("bound-to", { ...account, force: true });
    expect((await cloud.fetchWorker("bound-to")).status).toBe(404);
  });
});
