import { createScheduledController, reset, runInDurableObject } from "cloudflare:test";
import type {
  DurableObjectNamespace,
  DurableObjectStorage,
  DurableObjectStub,
  KVNamespaceListOptions,
} from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import worker from "../../tests/fixture/worker.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { PurgeRun } from "./purge-run.ts";

const { OAUTH_KV: kv } = workerEnv;

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

/** As the cron does it. */
function trigger(): Promise<void> {
  return worker.scheduled(createScheduledController() as never, workerEnv);
}

function findRun(): DurableObjectStub<PurgeRun> {
  const runs = workerEnv.PURGE as unknown as DurableObjectNamespace<PurgeRun>;
  return runs.get(runs.idFromName("purge"));
}

/** A run for which listing KV is something else. */
async function runWithList(
  list: (storage: DurableObjectStorage, options: KVNamespaceListOptions) => Promise<unknown>,
): Promise<void> {
  await runInDurableObject(findRun() as never, async (_run: PurgeRun, state) => {
    const OAUTH_KV = new Proxy(kv, {
      get: (target, name) =>
        name === "list"
          ? (options: KVNamespaceListOptions) => list(state.storage as never, options)
          : Reflect.get(target, name).bind(target),
    });
    await new PurgeRun(state as never, { ...workerEnv, OAUTH_KV }).run();
  });
}

async function leaveGrants(count: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, index) => String(index).padStart(4, "0"));
  await Promise.all(
    ids.flatMap((id) => {
      const grant = { id, clientId: "gone", userId: "person", scope: [], createdAt: 1 };
      const token = { userId: "person", grantId: id };
      return [
        kv.put(`grant:person:${id}`, JSON.stringify(grant)),
        kv.put(`token:person:${id}:x`, JSON.stringify(token)),
      ];
    }),
  );
}

async function countKeys(): Promise<number> {
  return (await kv.list()).keys.length;
}

/** What was logged under a name, in the order of the log. */
function listen() {
  const lines: Record<string, unknown>[] = [];
  const take = (line: unknown) => void lines.push(JSON.parse(String(line)));
  vi.spyOn(console, "log").mockImplementation(take);
  vi.spyOn(console, "error").mockImplementation(take);
  return (event: string) => lines.filter((line) => line.event === event);
}

test("what is left of clients that are gone is removed over several runs, each within its share", {
  // Every run is hundreds of operations.
  timeout: 900_000,
}, async () => {
  const grants = 200;
  await leaveGrants(grants);
  const logged = listen();
  await trigger();
  const [first] = logged("purge");
  expect(first).toMatchObject({ done: false, tokensPurged: 0 });
  const share = Number(first?.grantsPurged);
  // Several batches, and not everything: each grant costs a handful of the 1,000 operations.
  expect(share).toBeGreaterThan(50);
  expect(share).toBeLessThan(grants);
  expect(await countKeys()).toBe(2 * (grants - share));
  for (let runs = 0; (await countKeys()) > 0 && runs < 10; runs++) await trigger();
  expect(await countKeys()).toBe(0);
  await trigger();
  expect(logged("purge").at(-1)).toMatchObject({ grantsChecked: 0, done: true });
});

test("of two runs at once one does the work and the other says that it does not", async () => {
  await leaveGrants(20);
  const logged = listen();
  await Promise.all([trigger(), trigger(), trigger()]);
  expect(logged("purge")).toEqual([expect.objectContaining({ grantsPurged: 20, done: true })]);
  expect(logged("purge-skipped")).toHaveLength(2);
  await trigger();
  expect(logged("purge")).toHaveLength(2);
});

test("a run that died is taken over after a quarter of an hour, and not before", async () => {
  await leaveGrants(1);
  const since = Date.now();
  await runInDurableObject(findRun() as never, (_run: PurgeRun, { storage }) => {
    storage.kv.put("lease", { id: "dead", since });
  });
  const logged = listen();
  await trigger();
  expect(logged("purge-skipped")).toHaveLength(1);
  expect(await countKeys()).toBe(2);
  await runInDurableObject(findRun() as never, (_run: PurgeRun, { storage }) => {
    storage.kv.put("lease", { id: "dead", since: since - 901_000 });
  });
  await trigger();
  expect(logged("purge")).toHaveLength(1);
  expect(await countKeys()).toBe(0);
});

test("a run that was given up for dead stops, and leaves the other's place alone", async () => {
  await leaveGrants(120);
  const logged = listen();
  const other = { id: "other", since: Date.now() };
  await runWithList((storage, options) => {
    storage.kv.put("lease", other);
    storage.kv.put("cursor", "tokens:");
    return kv.list(options);
  });
  expect(logged("purge")).toEqual([expect.objectContaining({ grantsPurged: 50, done: false })]);
  await runInDurableObject(findRun() as never, (_run: PurgeRun, { storage }) => {
    expect(storage.kv.get("lease")).toEqual(other);
    expect(storage.kv.get("cursor")).toBe("tokens:");
  });
});

test("an outage of the storage is logged, and the next run goes on", async () => {
  await leaveGrants(3);
  const logged = listen();
  await runWithList(() => Promise.reject(new Error("KV list failed: 503")));
  expect(logged("purge-failure")).toEqual([
    expect.objectContaining({ message: "KV list failed: 503" }),
  ]);
  await trigger();
  expect(logged("purge")).toEqual([expect.objectContaining({ grantsPurged: 3, done: true })]);
});

test("the place that a former version kept in KV is removed", async () => {
  await kv.put("purge-cursor", "grants:abc");
  await trigger();
  expect(await countKeys()).toBe(0);
});
