import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { server } from "../tests/fixture/infra.ts";
import { bundleWorker } from "./bundle.ts";

test("a bundle with stubs exports them beside the Worker's own classes, for next to no bytes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stubs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "worker.js");
  const { entryPoint } = server;
  const own = await bundleWorker({ entryPoint, file });
  const both = await bundleWorker({ entryPoint, file, stubs: ["MyMCP", "Other"] });
  expect(both.exports.toSorted()).toEqual([...own.exports, "MyMCP", "Other"].sort());
  expect(both.bytes - own.bytes).toBeLessThan(1000);
});
