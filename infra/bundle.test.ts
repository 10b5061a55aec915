import { join } from "node:path";
import type { Metafile } from "esbuild";
import { expect, test } from "vitest";
import budgets from "../tests/bench/budgets.json" with { type: "json" };
import { server } from "../tests/fixture/infra.ts";
import { makeTempFolder } from "../tests/support/temp-folder.ts";
import { bundleWorker } from "./bundle.ts";

/** The product with the fixture's features: what a person adds to it has the setting `bundleBudget`. */
const bundleFixture = () => bundleWorker({ entryPoint: server.entryPoint });

/** Bytes in the bundle by package; our own code as `worker`. */
function sumByPackage({ outputs }: Metafile): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "worker";
      sums.set(name, (sums.get(name) ?? 0) + bytesInOutput);
    }
  }
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}

test("the Worker stays within its budget of bytes", async () => {
  const { bytes, gzipBytes, metafile } = await bundleFixture();
  const packages = sumByPackage(metafile);
  const lines = [...packages].map(([name, size]) => `${String(size).padStart(8)} ${name}`);
  console.log([`${bytes} bytes, ${gzipBytes} after gzip, of these:`, ...lines].join("\n"));
  expect(gzipBytes).toBeLessThanOrEqual(budgets.worker.gzipBytes);
  // What of the gzip size is ours, by its share of the bytes.
  const ownShare = (packages.get("worker") ?? 0) / bytes;
  expect(gzipBytes * ownShare).toBeLessThanOrEqual(budgets.worker.ownCodeGzipBytes);
});

test("the bundle is the same in every run, so that an unchanged Worker is not uploaded again", async () => {
  await using folder = await makeTempFolder();
  const { entryPoint } = server;
  const [first, second] = [
    await bundleWorker({ entryPoint, file: join(folder.path, "first.js") }),
    await bundleWorker({ entryPoint, file: join(folder.path, "second.js") }),
  ];
  expect(second.sha256).toBe(first.sha256);
});

test("neither zod's locales nor the older MCP SDK are in the bundle", async () => {
  const { metafile } = await bundleFixture();
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      // A copy of the project may have its packages elsewhere.
      .map(([path]) => path.replace(/^.*(?=node_modules\/)/, "")),
  );
  expect(inputs.filter((path) => path.includes("/locales/"))).toEqual([
    "node_modules/zod/v4/locales/en.js",
  ]);
  expect(inputs.filter((path) => path.includes("@modelcontextprotocol/sdk"))).toEqual([]);
});
