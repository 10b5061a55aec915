import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { writeAll } from "./write-all.ts";

test("new files and the changed one are written together", async () => {
  await using folder = await makeTempFolder();
  const file = (name: string) => join(folder.path, name);
  await writeFile(file("list"), "old");
  await writeAll([{ path: file("one"), text: "1" }], { path: file("list"), text: "new" });
  expect(await readFile(file("one"), "utf8")).toBe("1");
  expect(await readFile(file("list"), "utf8")).toBe("new");
});

test("where one cannot be written, nothing is left of the others, and nothing is written over", async () => {
  await using folder = await makeTempFolder();
  const file = (name: string) => join(folder.path, name);
  await writeFile(file("list"), "old");
  await writeFile(file("two"), "somebody's");
  const [one, two] = [
    { path: file("one"), text: "1" },
    { path: file("two"), text: "2" },
  ];
  await expect(writeAll([one, two], { path: file("list"), text: "new" })).rejects.toThrow("EEXIST");
  // A list that is not there any more fails last.
  await expect(writeAll([one], { path: file("gone"), text: "new" })).rejects.toThrow("ENOENT");
  expect(await readdir(folder.path)).toEqual(["list", "two"]);
  expect(await readFile(file("list"), "utf8")).toBe("old");
  expect(await readFile(file("two"), "utf8")).toBe("somebody's");
});
