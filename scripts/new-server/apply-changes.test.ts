import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { applyChanges } from "./apply-changes.ts";

/** A folder with a picture in a folder of its own, and a text. */
async function makeProject() {
  const folder = await makeTempFolder();
  await mkdir(join(folder.path, "docs"));
  await writeFile(join(folder.path, "docs/home.png"), picture);
  await writeFile(join(folder.path, "README.md"), "before");
  return folder;
}

/** Bytes that are no text. */
const picture = Buffer.from([0x89, 0x50, 0xff, 0xfe, 0x00]);

const changes = [
  { path: "README.md", text: "after" },
  { path: "worker/tools/one.ts", text: "one" },
  { path: "docs/home.png", text: undefined },
];

test("all is done: files are written and removed, and folders that are empty then go too", async () => {
  await using folder = await makeProject();
  await applyChanges(folder.path, changes);
  expect((await readdir(folder.path, { recursive: true })).toSorted()).toEqual([
    "README.md",
    "worker",
    "worker/tools",
    "worker/tools/one.ts",
  ]);
  expect(await readFile(join(folder.path, "README.md"), "utf8")).toBe("after");
});

test("when something fails at the end, everything is as it was, to the byte", async () => {
  await using folder = await makeProject();
  const fail = async () => {
    await writeFile(join(folder.path, "made.md"), "half");
    throw new Error("no room");
  };
  await expect(applyChanges(folder.path, changes, fail, ["made.md"])).rejects.toThrow("no room");
  expect((await readdir(folder.path, { recursive: true })).toSorted()).toEqual([
    "README.md",
    "docs",
    "docs/home.png",
  ]);
  expect(await readFile(join(folder.path, "README.md"), "utf8")).toBe("before");
  expect(await readFile(join(folder.path, "docs/home.png"))).toEqual(picture);
});

test("when a file cannot be written, the ones before it are as they were", async () => {
  await using folder = await makeProject();
  const impossible = [...changes, { path: "README.md/under-a-file", text: "x" }];
  await expect(applyChanges(folder.path, impossible)).rejects.toThrow(/ENOTDIR|EEXIST/);
  expect(await readFile(join(folder.path, "README.md"), "utf8")).toBe("before");
  expect((await readdir(folder.path)).toSorted()).toEqual(["README.md", "docs"]);
});
