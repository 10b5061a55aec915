import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { listNeededOnlyBy, listPackagesOnlyOf } from "./packages.ts";

test("a package is of some files alone when no other imports it, be it by a part or for its types", async () => {
  await using folder = await makeTempFolder();
  const files = {
    "worker/tools/a.ts": 'import { parse } from "mine/parse"; import * as z from "zod";',
    "worker/tools/b.ts": 'import type { T } from "@acme/mine"; import "@acme/shared/b";',
    "worker/app.ts": 'import * as z from "zod"; const used = await import("@acme/shared/c");',
    "tests/apart/node_modules/x/index.ts": 'import "mine";',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), text);
  }
  const names = ["@acme/mine", "@acme/shared", "mine", "never-imported", "zod"];
  const isOne = (path: string) => path.startsWith("worker/tools/");
  expect(listPackagesOnlyOf(folder.path, names, isOne)).toEqual(["@acme/mine", "mine"]);
});

test("what a lock holds for some packages alone is found, where each is installed", () => {
  const packages = {
    "": { dependencies: { mine: "1", ours: "1" } },
    "node_modules/mine": {
      dependencies: { deep: "2", shared: "1" },
      peerDependencies: { ours: "1" },
    },
    "node_modules/mine/node_modules/deep": { optionalDependencies: { "@a/b": "1" } },
    "node_modules/@a/b": { dependencies: { mine: "1" } },
    "node_modules/deep": {},
    "node_modules/ours": { dependencies: { deep: "1", shared: "1" } },
    "node_modules/shared": {},
  };
  expect(listNeededOnlyBy(packages, ["mine"], ["ours"]).toSorted()).toEqual([
    "node_modules/@a/b",
    "node_modules/mine",
    "node_modules/mine/node_modules/deep",
  ]);
  expect(listNeededOnlyBy(packages, ["not-installed"], [])).toEqual([]);
});
