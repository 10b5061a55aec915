import { expect } from "vitest";
import { inspectWorker } from "../../scripts/local-cloud/inspect-worker.ts";
import { test } from "../support/cloud-test.ts";
import { mainModule, readRefusal, type WorkerUpload } from "../support/local-cloud.ts";

const good = `export default { fetch: () => new Response("still here") };`;

const tomorrow = new Date(Date.now() + 36 * 3_600_000).toISOString().slice(0, 10);
const absentId = "0".repeat(32);

const bind = (binding: object): WorkerUpload => ({ code: good, metadata: { bindings: [binding] } });

/** What is wrong, with the code and the words that say so. */
const refusals: Record<string, [number, RegExp, WorkerUpload]> = {
  "a syntax error": [
    10021,
    /SyntaxError.*worker\.js:1/s,
    { code: "export default { fetch( {} };" },
  ],
  "a throw at the top level": [
    10021,
    /no parrot here/,
    { code: `${good}\nthrow new Error("no parrot here");` },
  ],
  "an import of a module that is not uploaded": [
    10021,
    /No such module.*absent\.js/s,
    { code: `import "./absent.js";\n${good}` },
  ],
  "an import of a name that the module does not export": [
    10021,
    /SyntaxError.*absent/s,
    {
      code: `import { absent } from "./lib.js";\n${good}`,
      modules: { "lib.js": ["application/javascript+module", "export const present = 1;"] },
    },
  ],
  "no handler at all": [10068, /no registered event handlers/, { code: "export {};" }],
  "a default export without a handler": [
    10068,
    /no registered event handlers/,
    { code: "export default { greeting: 'hi' };" },
  ],
  "a compatibility date in the future": [
    10021,
    new RegExp(`future.*${tomorrow}`),
    { code: good, metadata: { compatibility_date: tomorrow } },
  ],
  "a compatibility date that is none": [
    10021,
    /compatibility_date/,
    { code: good, metadata: { compatibility_date: "yesterday" } },
  ],
  "an unknown compatibility flag": [
    10021,
    /no_such_flag/,
    { code: good, metadata: { compatibility_flags: ["no_such_flag"] } },
  ],
  "a main module that is not there": [
    10021,
    /main_module.*absent\.js/,
    { code: good, metadata: { main_module: "absent.js" } },
  ],
  "the old service-worker form": [
    10021,
    /body_part/,
    { code: good, metadata: { main_module: undefined, body_part: "script" } },
  ],
  "a part of a type that is none of a module": [
    10021,
    /image\/png/,
    { code: good, modules: { "parrot.png": ["image/png", "…"] } },
  ],
  "a binding without a name": [10021, /bindings\.0\.name/, bind({ type: "plain_text", text: "" })],
  "a KV namespace that is not there": [
    10041,
    new RegExp(absentId),
    bind({ type: "kv_namespace", name: "KV", namespace_id: absentId }),
  ],
  "a D1 database that is not there": [
    10021,
    new RegExp(absentId),
    bind({ type: "d1", name: "DB", id: absentId }),
  ],
  "an R2 bucket that is not there": [
    10085,
    /no-bucket/,
    bind({ type: "r2_bucket", name: "BUCKET", bucket_name: "no-bucket" }),
  ],
  "a Worker that is not there": [
    10143,
    /no-worker/,
    bind({ type: "service", name: "OTHER", service: "no-worker" }),
  ],
  "a Durable Object class that is not exported": [
    10061,
    /'Absent'/,
    bind({ type: "durable_object_namespace", name: "OBJECTS", class_name: "Absent" }),
  ],
};

test.beforeAll(({ cloud }) => cloud.upload("good", { code: good }));

test.for(Object.entries(refusals))(
  "%s is refused, and what served before still serves",
  async ([, [code, words, upload]], { cloud }) => {
    const { scripts } = cloud.client.workers;
    const refusal = { status: 400, code, message: expect.stringMatching(words) };
    expect(await readRefusal(cloud.upload("good", upload))).toEqual(refusal);
    expect(await (await cloud.fetchWorker("good")).text()).toBe("still here");
    expect(await scripts.get("good", cloud.account)).toBe(good);
    // As a first upload: no Worker comes of it.
    expect(await readRefusal(cloud.upload("new", upload))).toEqual(refusal);
    const all = await scripts.list(cloud.account);
    expect(all.result.map(({ id }) => id)).toEqual(["good"]);
  },
);

test("a start that never ends is ended", async () => {
  const spec = {
    name: "endless",
    modules: [{ name: mainModule, type: "ESModule" as const, contents: `for (;;);\n${good}` }],
    compatibilityDate: "2026-07-01",
    compatibilityFlags: [],
    bindings: [],
    crons: [],
  };
  await expect(inspectWorker(spec, 1000)).rejects.toMatchObject({
    status: 400,
    entry: { code: 10021, message: expect.stringContaining("not started after 1 seconds") },
  });
});

test("a name that no Worker can have is refused", async ({ cloud }) => {
  for (const name of ["Upper", "-dash", "a".repeat(64), "dot.ted"]) {
    expect(await readRefusal(cloud.upload(name, { code: good }))).toMatchObject({
      status: 400,
      code: 10016,
    });
  }
});

test("a body that is not a form, and metadata that is not JSON, are refused", async ({ cloud }) => {
  const put = async (body: FormData | string) => {
    const path = `/accounts/${cloud.local.accountId}/workers/scripts/formless`;
    const answer = await cloud.fetchApi(path, { method: "PUT", body });
    const { errors } = (await answer.json()) as { errors: unknown };
    return { status: answer.status, errors };
  };
  const form = (metadata?: string) => {
    const data = new FormData();
    if (metadata !== undefined) data.append("metadata", metadata);
    const type = "application/javascript+module";
    data.append(mainModule, new File([good], mainModule, { type }));
    return data;
  };
  for (const body of ["export default {}", form(), form("{"), form("[]"), form("{}")]) {
    expect(await put(body)).toMatchObject({ status: 400, errors: [{ code: 10021 }] });
  }
  expect(await put(form(JSON.stringify({ main_module: mainModule })))).toMatchObject({
    status: 200,
    errors: [],
  });
});
