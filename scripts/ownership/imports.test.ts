import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { findWrongImports, listImported, listModules } from "./imports.ts";
import { readOwnership } from "./ownership.ts";

const ownership = readOwnership(projectRoot);

test("no file of ours imports one of theirs, but those that hand them over; theirs import the kit alone", () => {
  expect(findWrongImports(projectRoot, ownership)).toEqual([]);
});

test.for([
  ["worker/app.ts", 'import { tools } from "./tools/index.ts";', /Take the features you are given/],
  ["tests/docs/a.ts", 'import type { T } from "../mine/b.ts";', /Take the features you are given/],
  ["worker/pages/layout.tsx", 'import icon from "./icon.svg?raw";', /Take the features/],
  ["worker/tools/a.ts", 'import { x } from "../app.ts";', /imports worker\/kit\/index\.ts/],
  ["worker/prompts/a.test.ts", 'import { x } from "../../infra/x.ts";', /its tests also tests/],
  ["worker/scopes.ts", 'import { env } from "cloudflare:workers";', /loads it under Node/],
] as const)("in %s, %s is refused", async ([path, line, why]) => {
  await using folder = await makeTempFolder();
  await write(folder.path, path, line);
  expect(findWrongImports(folder.path, ownership)).toEqual([
    expect.objectContaining({ importer: path, why: expect.stringMatching(why) }),
  ]);
});

test.for([
  ["worker/features.ts", 'import { tools } from "./tools/index.ts";'],
  ["worker/tools/a.ts", 'import * as z from "zod"; import { s } from "../scopes.ts";'],
  ["worker/tools/a.ts", 'import { defineTool } from "../kit/index.ts"; import b from "./b.ts";'],
  ["worker/tools/a.test.ts", 'import { env } from "cloudflare:workers";'],
  ["worker/tools/a.test.ts", 'import { callTool } from "../../tests/support/worker/call-tool.ts";'],
  ["tests/mine/a.test.ts", 'import { ownFeatures } from "../../worker/features.ts";'],
] as const)("in %s, %s is allowed", async ([path, line]) => {
  await using folder = await makeTempFolder();
  await write(folder.path, path, line);
  expect(findWrongImports(folder.path, ownership)).toEqual([]);
});

test("npm run lint checks it, before it says that all is well", async () => {
  const { default: manifest } = await import("../../package.json", { with: { type: "json" } });
  expect(manifest.scripts.lint).toMatch(/ && node scripts\/ownership\/check-imports\.ts$/);
});

test("the fixture is a server like theirs: it imports the kit alone, but for its entry and its program", () => {
  const strange = listModules(projectRoot)
    .filter((path) => path.startsWith("tests/fixture/"))
    .filter((path) =>
      listImported(projectRoot, path).some(
        (imported) =>
          /^(?:infra|scripts|worker)\//.test(imported) && imported !== "worker/kit/index.ts",
      ),
    );
  expect(strange).toEqual(["tests/fixture/infra.ts", "tests/fixture/worker.ts"]);
});

async function write(root: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}
