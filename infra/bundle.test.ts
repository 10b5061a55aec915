import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { expect, test } from "vitest";
import budgets from "../tests/bench/budgets.json" with { type: "json" };
import { server } from "../tests/fixture/infra.ts";
import { makeTempFolder } from "../tests/support/temp-folder.ts";
import { type Bundle, bundleWorker, projectRoot, toBundlePath } from "./bundle.ts";
import { allWaysIn, type WayIn } from "./ways-in.ts";

/** Each variant once: its size and its parts are looked at by several tests. */
const made = new Map<string, Promise<Bundle>>();

/** The product with the fixture's features: what a person adds to it has the setting `bundleBudget`. */
function bundleFixture(ways: readonly WayIn[]): Promise<Bundle> {
  const key = ways.join();
  const bundle = made.get(key) ?? bundleWorker({ entryPoint: server.entryPoint, ways });
  made.set(key, bundle);
  return bundle;
}

/** Modules of a bundle that have bytes in it, with how many. */
function listModules({ outputs }: Metafile): [path: string, bytes: number][] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .map(([path, { bytesInOutput }]): [string, number] => [path, bytesInOutput])
      .filter(([, bytes]) => bytes > 0),
  );
}

/** Bytes in the bundle by package; our own code as `worker`. */
function sumByPackage(metafile: Metafile): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [path, bytes] of listModules(metafile)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "worker";
    sums.set(name, (sums.get(name) ?? 0) + bytes);
  }
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}

test.for([
  ["of a stack with nothing but a sign-in", ["demo"], budgets.worker.usual],
  ["with every way in", allWaysIn, budgets.worker.whole],
] as const)("the Worker %s stays within its budget of bytes", async ([, ways, budget]) => {
  const { bytes, gzipBytes, metafile } = await bundleFixture(ways);
  const packages = sumByPackage(metafile);
  const lines = [...packages].map(([name, size]) => `${String(size).padStart(8)} ${name}`);
  console.log([`${bytes} bytes, ${gzipBytes} after gzip, of these:`, ...lines].join("\n"));
  expect(gzipBytes).toBeLessThanOrEqual(budget.gzipBytes);
  // What of the gzip size is ours, by its share of the bytes.
  const ownShare = (packages.get("worker") ?? 0) / bytes;
  expect(gzipBytes * ownShare).toBeLessThanOrEqual(budget.ownCodeGzipBytes);
});

test.for(Object.entries(budgets.worker.gzipBytesOfWay))(
  "the way in %s adds to a stack that has it no more than its budget",
  async ([name, budget]) => {
    const way = name as WayIn;
    const isSignIn = ["github", "oidc", "access"].includes(way);
    const withWay = await bundleFixture(isSignIn ? [way] : ["demo", way]);
    const without = await bundleFixture(["demo"]);
    const added = withWay.gzipBytes - without.gzipBytes;
    console.log(`${name}: ${added} bytes after gzip`);
    expect(added).toBeLessThanOrEqual(budget);
  },
);

test("a stack without a way in carries no code of it", async () => {
  const { metafile } = await bundleFixture(["demo"]);
  const modules = listModules(metafile).map(([path]) => path);
  const folders = ["assertions", "company", "machines", "personal-tokens"];
  const own = modules.filter((path) =>
    folders.some((folder) => path.startsWith(`worker/oauth/${folder}/`)),
  );
  // What ends, and shows, what was made while the stack had the way in.
  expect(own.toSorted()).toEqual([
    "worker/oauth/company/grant-id.ts",
    "worker/oauth/personal-tokens/client-id.ts",
    "worker/oauth/personal-tokens/end-records.ts",
    "worker/oauth/personal-tokens/manage-scope.ts",
    "worker/oauth/personal-tokens/record-key.ts",
  ]);
  const others = /identity\/(github|github-api|oidc|oidc-claims|access|provider|upstream-.*)\.ts$/;
  expect(modules.filter((path) => others.test(path))).toEqual([]);
  expect(modules).not.toContain("worker/pages/personal-tokens.tsx");
  expect(modules).not.toContain("worker/pages/blocked-apps.tsx");
  expect([...sumByPackage(metafile).keys()].toSorted()).toEqual([
    "@cloudflare/workers-oauth-provider",
    "@modelcontextprotocol/core",
    "@modelcontextprotocol/server",
    "hono",
    "worker",
    "zod",
  ]);
});

test("the Worker with every way in has each of their modules, and nothing that stands in for one", async () => {
  const { metafile } = await bundleFixture(allWaysIn);
  const modules = listModules(metafile).map(([path]) => path);
  expect(modules.filter((path) => path.includes("/left-out/"))).toEqual([]);
  expect(modules).toEqual(
    expect.arrayContaining([
      "worker/identity/access.ts",
      "worker/identity/demo.ts",
      "worker/identity/github.ts",
      "worker/identity/oidc.ts",
      "worker/oauth/assertions/verify.ts",
      "worker/oauth/company/answer.ts",
      "worker/oauth/machines/answer.ts",
      "worker/oauth/personal-tokens/check.ts",
    ]),
  );
});

test("two variants that are built at once are two files, each with its own code and map", async () => {
  const { entryPoint } = server;
  const variants: { ways: readonly WayIn[]; stubs?: readonly string[] }[] = [
    { ways: ["demo"] },
    { ways: ["github"] },
    { ways: ["github", "machines"] },
    { ways: ["github"], stubs: ["Older"] },
  ];
  const bundles = await Promise.all(
    variants.map((variant) => bundleWorker({ entryPoint, ...variant })),
  );
  expect(bundles.map(({ file }) => file)).toEqual(
    variants.map((variant) => join(projectRoot, toBundlePath(entryPoint, variant))),
  );
  expect(new Set(bundles.map(({ file }) => file)).size).toBe(variants.length);
  for (const { file, code, sha256 } of bundles) {
    expect(await readFile(file, "utf8")).toBe(code);
    expect(await readFile(`${file}.map`, "utf8")).toContain(sha256);
  }
});

test("the bundle is the same in every run, so that an unchanged Worker is not uploaded again", async () => {
  await using folder = await makeTempFolder();
  const asked = { entryPoint: server.entryPoint, ways: ["demo"] } as const;
  const [first, second] = [
    await bundleWorker({ ...asked, file: join(folder.path, "first.js") }),
    await bundleWorker({ ...asked, file: join(folder.path, "second.js") }),
  ];
  expect(second.sha256).toBe(first.sha256);
});

test("neither zod's locales nor the older MCP SDK are in the bundle", async () => {
  const { metafile } = await bundleFixture(allWaysIn);
  // A copy of the project may have its packages elsewhere.
  const inputs = listModules(metafile).map(([path]) => path.replace(/^.*(?=node_modules\/)/, ""));
  expect(inputs.filter((path) => path.includes("/locales/"))).toEqual([
    "node_modules/zod/v4/locales/en.js",
  ]);
  expect(inputs.filter((path) => path.includes("@modelcontextprotocol/sdk"))).toEqual([]);
});
