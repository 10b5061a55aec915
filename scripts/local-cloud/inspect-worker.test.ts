import { expect, test } from "vitest";
import { StartCounter } from "../../tests/support/start-counter.ts";
import type { WorkerBinding, WorkerSpec } from "../runtime/worker-spec.ts";
import { inspectWorker } from "./inspect-worker.ts";

/** Reads a secret before it is called, as code may. */
const code = `import { env } from "cloudflare:workers";
if (env.KEY === "short") throw new Error("KEY is too short.");
export default { fetch: () => new Response("hi") };`;

function createSpec(name: string, key: string, more: WorkerBinding[] = []): WorkerSpec {
  return {
    name,
    modules: [{ name: "worker.js", type: "ESModule", contents: code }],
    compatibilityDate: "2026-01-01",
    compatibilityFlags: [],
    bindings: [{ type: "secret_text", name: "KEY", text: key }, ...more],
    crons: [],
  };
}

test("a Worker that has started is not tried again, under another name and with another namespace neither", async () => {
  const kv = (namespaceId: string) => [{ type: "kv_namespace" as const, name: "KV", namespaceId }];
  const first = await inspectWorker(createSpec("first", "long enough", kv("a")));
  using starts = new StartCounter();
  expect(await inspectWorker(createSpec("second", "long enough", kv("b")))).toEqual(first);
  expect(starts.count).toBe(0);
  await inspectWorker(createSpec("first", "long enough"));
  expect(starts.count).toBe(1);
});

test("one that has started is refused with a value that its code refuses, each time", async () => {
  await inspectWorker(createSpec("worker", "long"));
  for (const _time of ["first", "second"]) {
    await expect(inspectWorker(createSpec("worker", "short"))).rejects.toMatchObject({
      entry: { code: 10021, message: expect.stringContaining("KEY is too short.") },
    });
  }
});
