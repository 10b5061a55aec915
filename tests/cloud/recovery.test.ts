import { expect } from "vitest";
import type { Mishap } from "../../scripts/local-cloud/faults.ts";
import { Deployment } from "../support/deployment.ts";
import { sample } from "../support/sample.ts";
import { test } from "../support/usual-stack.ts";

const upload = "/workers/scripts/remote-mcp-server-test";

/** Runs `up` until nothing changes any more. @returns what each run did. */
async function settle(deployment: Deployment) {
  const runs = [];
  for (let run = 0; run < 4; run += 1) {
    const changes = await deployment.up();
    runs.push(changes);
    if (Object.keys(changes).length === 0) return runs;
  }
  throw new Error(`It does not settle: ${JSON.stringify(runs)}`);
}

/** Code that the Worker was uploaded with last. */
function readCode({ local: { cloud } }: Deployment): string {
  const [script] = cloud.records.scripts.list();
  const version = script && cloud.servingVersion(script);
  const [main] = version === undefined ? [] : cloud.readModules(version);
  return new TextDecoder().decode(main?.contents);
}

/** More tries than the provider makes. */
const always = 20;

interface Interruption {
  readonly name: string;
  readonly fault: Mishap;
  readonly count?: number;
  /** Whether the provider's own tries are not enough. */
  readonly fails: boolean;
}

/** The worst first: `npm test` looks at those. */
const interruptions: readonly Interruption[] = [
  { name: "500 always", fault: { kind: "status", status: 500 }, count: always, fails: true },
  {
    name: "resets after the effect, always",
    fault: { kind: "reset", when: "after" },
    count: always,
    fails: true,
  },
  { name: "an answer that is cut off", fault: { kind: "truncated" }, fails: false },
  { name: "429 once", fault: { kind: "status", status: 429, retryAfter: 0 }, fails: false },
  {
    name: "409 that is not to be tried again",
    fault: { kind: "status", status: 409, shouldRetry: false },
    fails: true,
  },
  { name: "409 once", fault: { kind: "status", status: 409 }, fails: false },
  { name: "500 twice", fault: { kind: "status", status: 500 }, count: 2, fails: false },
  { name: "a slow answer", fault: { kind: "slow", milliseconds: 500 }, fails: false },
  { name: "a reset before the effect", fault: { kind: "reset", when: "before" }, fails: false },
  { name: "a reset after the effect", fault: { kind: "reset", when: "after" }, fails: false },
];

test("an upload interrupted in any way is done by the run that repeats it", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  for (const { name, fault, count = 1, fails } of interruptions.slice(0, sample(2, 10))) {
    deployment.changeCode(name);
    deployment.fail("PUT", upload, fault, count);
    if (fails) await deployment.upFailing();
    else await deployment.up();
    deployment.local.cloud.faults.clear();
    await settle(deployment);
    expect(readCode(deployment), name).toContain(`// ${name}`);
    expect(deployment.local.cloud.records.namespaces.list(), name).toHaveLength(1);
  }
});

test("a first upload whose answer is lost: the next run heals it, the one after settles, then nothing", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  deployment.fail("PUT", upload, { kind: "reset", when: "after" });
  // The provider sends the same Durable Object step again.
  expect(await deployment.upFailing()).toContain("10079");
  const [healing, settling, ...rest] = await settle(deployment);
  expect(healing).toMatchObject({ create: expect.any(Number) });
  expect(settling).toEqual({ replace: 2 });
  expect(rest).toEqual([{}]);
  expect((await fetch(await deployment.origin())).status).toBe(200);
});

/** What fails once in every call that a first run makes. */
const everywhere: readonly Mishap[] = [
  { kind: "status", status: 429, retryAfter: 0 },
  { kind: "status", status: 409 },
  { kind: "status", status: 500 },
  { kind: "slow", milliseconds: 300 },
  { kind: "reset", when: "before" },
  { kind: "reset", when: "after" },
  { kind: "truncated" },
];

test("a first run whose every call fails once ends, repeated, with one of each", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  const { faults, records } = deployment.local.cloud;
  for (const fault of everywhere.slice(-sample(2, everywhere.length))) {
    deployment.fail("POST", "/storage/kv/namespaces", fault);
    deployment.fail("PUT", `/${upload}$/`, fault);
    deployment.fail("POST", "/subdomain", fault);
    deployment.fail("PUT", "/schedules", fault);
    // A namespace or a step whose answer was lost is for the next run to find.
    await deployment.up().catch(() => undefined);
    faults.clear();
    expect((await settle(deployment)).at(-1), JSON.stringify(fault)).toEqual({});
    expect(records.namespaces.list(), JSON.stringify(fault)).toHaveLength(1);
    expect((await fetch(await deployment.origin())).status).toBe(200);
    await deployment.destroy();
    expect([...records.namespaces.list(), ...records.scripts.list()]).toEqual([]);
  }
});

test("a first run that loses every answer to its namespace, and then to its workers.dev address and its cron trigger, leaves one of each when repeated", async ({
  skip,
}) => {
  await using deployment = await Deployment.make(skip);
  const lost: Mishap = { kind: "reset", when: "after" };
  const { faults, records } = deployment.local.cloud;
  deployment.fail("POST", "/storage/kv/namespaces", lost, always);
  await deployment.upFailing();
  faults.clear();
  // The Worker needs the namespace, and those two need the Worker.
  deployment.fail("POST", "/subdomain", lost, always);
  deployment.fail("PUT", "/schedules", lost, always);
  const failure = await deployment.upFailing();
  expect(failure).toMatch(/subdomain/i);
  expect(failure).toMatch(/schedule|cron/i);
  faults.clear();
  expect((await settle(deployment)).at(-1)).toEqual({});
  expect(records.namespaces.list()).toHaveLength(1);
  expect(records.scripts.list()).toMatchObject([
    { subdomain: { enabled: true }, schedules: [{ cron: expect.any(String) }] },
  ]);
  expect((await fetch(await deployment.origin())).status).toBe(200);
});

test("a list that is a moment old does no harm", async ({ takeUsual, skip }) => {
  await using deployment = await takeUsual(skip);
  deployment.changeCode("after a stale read");
  // The last change before was that of the cron trigger: the list lacks the newest upload.
  deployment.fail("GET", "/workers/scripts", { kind: "stale" }, 3);
  await deployment.up();
  deployment.local.cloud.faults.clear();
  await settle(deployment);
  expect(readCode(deployment)).toContain("// after a stale read");
});

test("a Worker deleted by hand is back after `up --refresh`, at its address", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  const origin = await deployment.origin();
  const { cloud } = deployment.local;
  cloud.store.change(() => {
    for (const script of cloud.records.scripts.list()) cloud.removeScript(script);
  });
  cloud.reload();
  expect((await fetch(origin)).status).toBe(404);
  await deployment.up({ refresh: true });
  expect(await deployment.origin()).toBe(origin);
  expect((await fetch(origin)).status).toBe(200);
  await settle(deployment);
});

test("the namespace of a stack whose state was lost is taken over with what is in it", async ({
  takeUsual,
  skip,
}) => {
  await using deployment = await takeUsual(skip);
  const { cloud } = deployment.local;
  const [namespace] = cloud.records.namespaces.list();
  if (namespace === undefined) throw new Error("There is no namespace.");
  await cloud.storage.putValue(namespace.id, "grant:1", new TextEncoder().encode("kept"));
  await deployment.forgetState();

  expect(await deployment.upFailing()).toContain(namespace.id);
  await deployment.configure({ kvNamespaceId: namespace.id });
  await deployment.up();
  expect(cloud.records.namespaces.list()).toEqual([namespace]);
  const kept = await cloud.storage.getValue(namespace.id, "grant:1");
  expect(new TextDecoder().decode(kept?.value)).toBe("kept");
  // It has done its work, and the next run asks to remove it.
  await deployment.stack.removeConfig("remote-mcp-server:kvNamespaceId");
  await settle(deployment);
});
