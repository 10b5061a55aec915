import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { readOwnership } from "./ownership.ts";

const ownership = readOwnership(projectRoot);

/** The one file of ours that takes what is theirs, and hands it to everything else. */
const handsOver = "worker/features.ts";

/** What files of theirs import of ours. */
const kit = "worker/kit/index.ts";

/** Modules of the shipped rooms and of the fixture, with the tests beside them. */
const modules = ["infra", "scripts", "tests/fixture", "worker"].flatMap((room) =>
  readdirSync(join(projectRoot, room), { recursive: true, encoding: "utf8" })
    .map((path) => posix.join(room, path.replaceAll("\\", "/")))
    .filter((path) => /\.tsx?$/.test(path)),
);

/** The modules of this repository that a module imports, types included. */
function listImports(path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(projectRoot, path), "utf8"));
  return importedFiles
    .map(({ fileName }) => fileName)
    .filter((name) => name.startsWith(".") && /\.tsx?$/.test(name))
    .map((name) => posix.join(posix.dirname(path), name));
}

/** Each import that breaks a rule, as `importer -> imported`. */
function findBreaks(isWrong: (importer: string, imported: string) => boolean): string[] {
  return modules.flatMap((importer) =>
    listImports(importer)
      .filter((imported) => isWrong(importer, imported))
      .map((imported) => `${importer} -> ${imported}`),
  );
}

test("no file of ours imports one of theirs, but the one that hands them over", () => {
  const taken = (importer: string, imported: string) =>
    !ownership.isTheirs(importer) && ownership.isTheirs(imported);
  const breaks = findBreaks(taken);
  expect(breaks.filter((line) => !line.startsWith(`${handsOver} -> `))).toEqual([]);
  // Or the test would look at nothing.
  expect(breaks).toContain(`${handsOver} -> worker/scopes.ts`);
  expect(breaks).toContain(`${handsOver} -> worker/tools/index.ts`);
});

test("a file of theirs imports the kit, its neighbours and packages; a test of theirs may use our test support", () => {
  const strange = (importer: string, imported: string) =>
    ownership.isTheirs(importer) &&
    !ownership.isTheirs(imported) &&
    imported !== kit &&
    !(/\.test\.tsx?$/.test(importer) && /^tests\/(evaluation|support)\//.test(imported));
  expect(findBreaks(strange)).toEqual([]);
});

test("the fixture is a server like theirs: it imports the kit alone, but for its entry and its program", () => {
  const strange = (importer: string, imported: string) =>
    importer.startsWith("tests/fixture/") &&
    !imported.startsWith("tests/fixture/") &&
    imported !== kit;
  const importers = findBreaks(strange).map((line) => line.split(" -> ")[0]);
  expect([...new Set(importers)].toSorted()).toEqual([
    "tests/fixture/infra.ts",
    "tests/fixture/worker.ts",
  ]);
});
