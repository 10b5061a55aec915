import { cp, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder, type TempFolder } from "../tests/support/temp-folder.ts";
import { bundleWorker, toMapPath } from "./bundle.ts";

/** A checkout with a Worker of two sources and a package. */
async function makeCheckout(): Promise<TempFolder> {
  const folder = await makeTempFolder();
  await write(folder, {
    "package.json": "{}",
    "tsconfig.json": "{}",
    "worker/tsconfig.json": "{}",
    "infra/bundle.ts": "",
    "infra/stub-entry.ts": "",
    "infra/unchanged-bundle.ts": "",
    "infra/ways-in.ts": "",
    "worker/index.ts":
      'import word from "word"; import text from "./text.txt?raw"; export class Room {}\nexport default word + text;',
    "worker/text.txt": "text",
    "node_modules/word/package.json": '{ "main": "one.js" }',
    "node_modules/word/one.js": 'export default "one";',
    "node_modules/word/two.js": 'export default "two";',
  });
  return folder;
}

async function write({ path }: TempFolder, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
}

/** Bundles, and says whether the file was left as it was. */
async function bundle({ path: root }: TempFolder, minify = true) {
  const file = join(root, ".build/worker.js");
  const identify = () => stat(file).then(({ ino, ctimeMs }) => `${ino} ${ctimeMs}`, String);
  const before = await identify();
  const { code, exports, metafile, sha256 } = await bundleWorker({ root, minify });
  return { code, exports, metafile, sha256, isKept: (await identify()) === before };
}

/** Bundles until the sources are old enough for their bundle to be kept. */
async function settle(folder: TempFolder): Promise<void> {
  await expect.poll(async () => (await bundle(folder)).isKept).toBe(true);
}

test("a bundle of unchanged sources is taken as it is, and is the same in all that is told of it", async () => {
  await using folder = await makeCheckout();
  const { isKept: isFirstKept, ...first } = await bundle(folder);
  await settle(folder);
  const { isKept, ...again } = await bundle(folder);
  expect([isFirstKept, isKept]).toEqual([false, true]);
  expect(again).toEqual(first);
  expect(first.exports).toEqual(["Room"]);
});

test.for([
  ["a source", { "worker/index.ts": "export default 1;" }, "1"],
  ["a text that is part of it", { "worker/text.txt": "other" }, "other"],
  ["a package", { "node_modules/word/one.js": 'export default "changed";' }, "changed"],
  ["what a package exports", { "node_modules/word/package.json": '{ "main": "two.js" }' }, "two"],
  ["how sources are read", { "worker/tsconfig.json": '{ "compilerOptions": {} }' }, "one"],
  ["how they are bundled", { "infra/bundle.ts": "// changed" }, "one"],
  ["the bundle itself", { ".build/worker.js": "tampered" }, "one"],
  ["its map", { ".build/worker.js.map": "{}" }, "one"],
  ["what is noted of it", { ".build/worker.js.made.json": "{" }, "one"],
] as const)("it is made again after a change of %s", async ([, change, wanted]) => {
  await using folder = await makeCheckout();
  await settle(folder);
  await write(folder, change);
  const { code, isKept } = await bundle(folder);
  expect(isKept).toBe(false);
  expect(code).toContain(wanted);
});

test("it is taken in another copy of the checkout", async () => {
  await using folder = await makeCheckout();
  await settle(folder);
  await using copy = await makeTempFolder();
  await cp(folder.path, copy.path, { recursive: true });
  const { isKept, ...again } = await bundle(copy);
  const { isKept: _, ...first } = await bundle(folder);
  expect(isKept).toBe(true);
  expect(again).toEqual(first);
  await write(copy, { "worker/text.txt": "other" });
  expect(await bundle(copy)).toMatchObject({
    isKept: false,
    code: expect.stringContaining("other"),
  });
});

test("it is made again where its map is gone or it is wanted otherwise, and a source that is gone is told", async () => {
  await using folder = await makeCheckout();
  await settle(folder);
  await rm(toMapPath(join(folder.path, ".build/worker.js")));
  expect((await bundle(folder)).isKept).toBe(false);
  await settle(folder);
  expect((await bundle(folder, false)).isKept).toBe(false);
  await rm(join(folder.path, "worker/text.txt"));
  await expect(bundle(folder)).rejects.toThrowError(/text\.txt/);
});

test("nothing is noted of sources that change while they are bundled", async () => {
  await using folder = await makeCheckout();
  await settle(folder);
  await write(folder, { "worker/text.txt": "before" });
  const running = bundle(folder);
  await write(folder, { "worker/text.txt": "after" });
  await running;
  expect((await bundle(folder)).code).toContain("after");
});
