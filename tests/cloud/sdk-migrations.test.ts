import { describe, expect } from "vitest";
import { test } from "../support/cloud-test.ts";
import { listAll, readRefusal, TestCloud } from "../support/local-cloud.ts";

/** What changes about classes. */
interface Step {
  readonly new_classes?: readonly string[];
  readonly new_sqlite_classes?: readonly string[];
  readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[];
  readonly deleted_classes?: readonly string[];
  readonly transferred_classes?: readonly {
    readonly from: string;
    readonly from_script: string;
    readonly to: string;
  }[];
}

interface Migrations {
  readonly old_tag?: string;
  readonly new_tag?: string;
  readonly step: Step;
}

/** A Worker with Durable Objects. */
interface Objects {
  /** Classes that the code exports. */
  readonly classes: readonly string[];
  /** Those that are bound, as `Class` or `Class@script`. Default: all of them. */
  readonly bound?: readonly string[];
  readonly migrations?: unknown;
}

/** How the Pulumi provider sends a step, and how wrangler does. */
const forms = {
  flat: ({ step, ...tags }: Migrations) => ({ ...tags, ...step }),
  steps: ({ step, ...tags }: Migrations) => ({ ...tags, steps: [step] }),
};

function upload(cloud: TestCloud, name: string, objects: Objects) {
  return cloud.upload(name, toUpload(objects));
}

/** Each class counts; `/<class>` asks for the next number. */
function toUpload({ classes, bound = classes, migrations }: Objects) {
  const exports = classes.map(
    (name) => `export class ${name} extends DurableObject {
      next() {
        const count = (this.ctx.storage.kv.get("count") ?? 0) + 1;
        this.ctx.storage.kv.put("count", count);
        return count;
      }
    }`,
  );
  const bindings = bound.map((each) => {
    const [class_name = "", script_name] = each.split("@");
    const binding = { type: "durable_object_namespace", name: class_name, class_name };
    return { ...binding, ...(script_name !== undefined && { script_name }) };
  });
  return {
    code: `import { DurableObject } from "cloudflare:workers";
      ${exports.join("\n")}
      export default { async fetch(request, env) {
        const binding = env[new URL(request.url).pathname.slice(1)];
        return new Response(String(await binding.getByName("one").next()));
      } };`,
    metadata: { bindings, ...(migrations !== undefined && { migrations }) },
  };
}

async function count(cloud: TestCloud, name: string, className: string): Promise<number> {
  const answer = await cloud.fetchWorker(name, `/${className}`);
  expect(answer.status).toBe(200);
  return Number(await answer.text());
}

/** Classes of a Worker with the ids under which they store. */
async function readClasses({ client, account }: TestCloud, name: string) {
  const all = await listAll(client.durableObjects.namespaces.list(account));
  return all.filter(({ script }) => script === name).map((each) => `${each.class} ${each.id}`);
}

async function readTag({ client, account }: TestCloud, name: string) {
  const all = await listAll(client.workers.scripts.list(account));
  return all.find(({ id }) => id === name)?.migration_tag;
}

const isNew = (...names: string[]): Step => ({ new_sqlite_classes: names });
const next = { old_tag: "v1", new_tag: "v2" };

/** What is wrong, the code that says so, and the upload to a Worker that has class A with tag v1. */
const refusals: Record<string, [number, (form: (from: Migrations) => unknown) => Objects]> = {
  "a first step sent again": [
    10079,
    (form) => ({ classes: ["A"], migrations: form({ new_tag: "v1", step: isNew("A") }) }),
  ],
  "a step after another tag": [
    10079,
    (form) => ({
      classes: ["A", "B"],
      migrations: form({ old_tag: "v0", new_tag: "v2", step: isNew("B") }),
    }),
  ],
  "a new class that the code does not export": [
    10070,
    (form) => ({ classes: ["A"], migrations: form({ ...next, step: isNew("Absent") }) }),
  ],
  "a new class that has objects already": [
    10074,
    (form) => ({ classes: ["A"], migrations: form({ ...next, step: isNew("A") }) }),
  ],
  "a class with objects that is gone from the code": [10064, () => ({ classes: ["B"], bound: [] })],
  "a class renamed to one that the code does not export": [
    10064,
    (form) => ({
      classes: ["B"],
      bound: [],
      migrations: form({ ...next, step: { renamed_classes: [{ from: "A", to: "Absent" }] } }),
    }),
  ],
  "a class renamed to one that has objects": [
    10074,
    (form) => ({
      classes: ["A", "B"],
      migrations: form({
        ...next,
        step: { ...isNew("B"), renamed_classes: [{ from: "A", to: "B" }] },
      }),
    }),
  ],
  "a rename of a class that has none": [
    10061,
    (form) => ({
      classes: ["A", "B"],
      bound: ["A"],
      migrations: form({ ...next, step: { renamed_classes: [{ from: "Absent", to: "B" }] } }),
    }),
  ],
  "a deleted class that never was": [
    10061,
    (form) => ({
      classes: ["A"],
      migrations: form({ ...next, step: { deleted_classes: ["Absent"] } }),
    }),
  ],
  "a deleted class that is still bound": [
    10061,
    (form) => ({ classes: ["A"], migrations: form({ ...next, step: { deleted_classes: ["A"] } }) }),
  ],
  "a binding to a class without a step": [10061, () => ({ classes: ["A", "B"] })],
  "a binding to a class of a Worker that is not there": [
    10061,
    () => ({ classes: ["A"], bound: ["A", "C@absent"] }),
  ],
  "a transfer from a Worker that is not there": [
    10061,
    (form) => ({
      classes: ["A", "B"],
      bound: ["A"],
      migrations: form({
        ...next,
        step: { transferred_classes: [{ from: "B", from_script: "absent", to: "B" }] },
      }),
    }),
  ],
  "a step that is malformed": [
    10021,
    (form) => ({
      classes: ["A"],
      migrations: form({ ...next, step: { new_sqlite_classes: "A" } as unknown as Step }),
    }),
  ],
};

describe.for(Object.keys(forms) as (keyof typeof forms)[])("Steps in the form %s", (formName) => {
  const form = forms[formName];

  test("what Cloudflare refuses leaves everything as it was", async ({ cloud }) => {
    const name = `refused-${formName}`;
    await upload(cloud, name, {
      classes: ["A"],
      migrations: form({ new_tag: "v1", step: isNew("A") }),
    });
    expect(await count(cloud, name, "A")).toBe(1);
    const classes = await readClasses(cloud, name);
    const { result } = await cloud.client.workers.scripts.versions.list(name, cloud.account);
    let expected = 1;
    for (const [wrong, [code, toObjects]] of Object.entries(refusals)) {
      const refusal = await readRefusal(upload(cloud, name, toObjects(form)));
      const status = code === 10079 ? 412 : 400;
      expect({ wrong, ...refusal }).toMatchObject({ wrong, status, code });
      expected += 1;
      expect(await count(cloud, name, "A")).toBe(expected);
    }
    expect(await readClasses(cloud, name)).toEqual(classes);
    expect(await readTag(cloud, name)).toBe("v1");
    const after = await cloud.client.workers.scripts.versions.list(name, cloud.account);
    expect(after.result).toEqual(result);
  });

  test("a renamed class keeps what it stored, a deleted one loses it", async ({ cloud }) => {
    const name = `life-${formName}`;
    const first = await upload(cloud, name, {
      classes: ["A", "B"],
      migrations: form({ new_tag: "v1", step: isNew("A", "B") }),
    });
    expect(first.migration_tag).toBe("v1");
    for (const wanted of [1, 2]) expect(await count(cloud, name, "A")).toBe(wanted);
    expect(await count(cloud, name, "B")).toBe(1);

    // The same code once more, without any step.
    await upload(cloud, name, { classes: ["A", "B"] });
    expect(await count(cloud, name, "A")).toBe(3);
    expect(await readTag(cloud, name)).toBe("v1");

    const renamed = { renamed_classes: [{ from: "A", to: "Renamed" }], deleted_classes: ["B"] };
    const second = await upload(cloud, name, {
      classes: ["Renamed"],
      migrations: form({ ...next, step: renamed }),
    });
    expect(second.migration_tag).toBe("v2");
    expect(await count(cloud, name, "Renamed")).toBe(4);

    await upload(cloud, name, {
      classes: ["Renamed", "A", "B"],
      migrations: form({ old_tag: "v2", new_tag: "v3", step: isNew("A", "B") }),
    });
    expect(await count(cloud, name, "Renamed")).toBe(5);
    expect(await count(cloud, name, "A")).toBe(1);
    expect(await count(cloud, name, "B")).toBe(1);
  });

  test("a transferred class moves with what it stored", async ({ cloud }) => {
    const [from, to] = [`giver-${formName}`, `taker-${formName}`];
    await upload(cloud, from, {
      classes: ["A", "B"],
      migrations: form({ new_tag: "v1", step: isNew("A", "B") }),
    });
    expect(await count(cloud, from, "A")).toBe(1);
    const [moved] = await readClasses(cloud, from);
    const transferred_classes = [{ from: "A", from_script: from, to: "Taken" }];
    const take = form({ new_tag: "v1", step: { transferred_classes } });
    // Refused as a whole: the class is not taken either.
    const wrong = upload(cloud, to, { classes: ["Taken"], bound: ["Absent"], migrations: take });
    expect(await readRefusal(wrong)).toMatchObject({ status: 400, code: 10061 });
    expect(await count(cloud, from, "A")).toBe(2);

    await upload(cloud, to, { classes: ["Taken"], migrations: take });
    expect(await count(cloud, to, "Taken")).toBe(3);
    expect(await readClasses(cloud, to)).toEqual([moved?.replace("A", "Taken")]);
    expect((await readClasses(cloud, from)).map((each) => each.split(" ")[0])).toEqual(["B"]);
    await upload(cloud, from, { classes: ["B"] });
    expect(await count(cloud, from, "B")).toBe(1);
  });
});

test("several steps go one after the other, all or none", async ({ cloud }) => {
  const name = "several";
  const steps = (...list: Step[]) => ({ new_tag: "v2", steps: list });
  const renamed_classes = [{ from: "A", to: "B" }];
  const wrong = { classes: ["B"], migrations: steps(isNew("B"), isNew("B")) };
  expect(await readRefusal(upload(cloud, name, wrong))).toMatchObject({ code: 10074 });
  expect(await readClasses(cloud, name)).toEqual([]);
  const scripts = await listAll(cloud.client.workers.scripts.list(cloud.account));
  expect(scripts.map(({ id }) => id)).not.toContain(name);

  await upload(cloud, name, { classes: ["A"], migrations: { new_tag: "v1", steps: [isNew("A")] } });
  await count(cloud, name, "A");
  await upload(cloud, name, {
    classes: ["A", "B"],
    migrations: { old_tag: "v1", ...steps({ renamed_classes }, isNew("A")) },
  });
  expect(await count(cloud, name, "B")).toBe(2);
  expect(await count(cloud, name, "A")).toBe(1);
});

test("the current tag sent again without any class changes nothing", async ({ cloud }) => {
  const name = "no-op";
  await upload(cloud, name, {
    classes: ["A"],
    migrations: forms.flat({ new_tag: "v1", step: isNew("A") }),
  });
  await count(cloud, name, "A");
  await upload(cloud, name, { classes: ["A"], migrations: { old_tag: "v1", new_tag: "v1" } });
  expect(await count(cloud, name, "A")).toBe(2);
  expect(await readTag(cloud, name)).toBe("v1");
});

test("another Worker binds a class, and shares its objects", async ({ cloud }) => {
  await upload(cloud, "owner", {
    classes: ["A"],
    migrations: forms.flat({ new_tag: "v1", step: isNew("A") }),
  });
  await upload(cloud, "guest", { classes: [], bound: ["A@owner"] });
  expect(await count(cloud, "owner", "A")).toBe(1);
  expect(await count(cloud, "guest", "A")).toBe(2);
});

test("a version upload takes no steps", async ({ cloud }) => {
  await upload(cloud, "staged-steps", { classes: ["A"], bound: [] });
  const version = cloud.uploadVersion(
    "staged-steps",
    toUpload({
      classes: ["A"],
      bound: [],
      migrations: forms.flat({ new_tag: "v1", step: isNew("A") }),
    }),
  );
  expect(await readRefusal(version)).toMatchObject({ status: 400, code: 10211 });
  expect(await readClasses(cloud, "staged-steps")).toEqual([]);
});

test("the free plan takes no class with the old storage", async () => {
  await using cloud = await TestCloud.start({ plan: "free" });
  const objects = (step: Step) => ({
    classes: ["A"],
    migrations: forms.flat({ new_tag: "v1", step }),
  });
  const old = upload(cloud, "old-storage", objects({ new_classes: ["A"] }));
  expect(await readRefusal(old)).toMatchObject({ status: 400, code: 10097 });
  await upload(cloud, "old-storage", objects(isNew("A")));
  expect(await count(cloud, "old-storage", "A")).toBe(1);
});
