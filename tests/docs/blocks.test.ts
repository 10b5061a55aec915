import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseTOML } from "toml-eslint-parser";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { projectRoot } from "../../infra/bundle.ts";
import {
  type Document,
  listBlocks,
  listCommands,
  parseDocument,
  readDocuments,
  readProject,
  readTheirDocuments,
  tellCount,
} from "./documents.ts";
import { findReason, notRun, reasons } from "./not-run.ts";
import { walks } from "./walks.ts";

/** Every single command of a document's blocks. */
function listSingleCommands(document: Document): string[] {
  return listBlocks(document)
    .flatMap(({ value }) => listCommands(value))
    .flatMap((line) => line.replace(/\s+#.*$/, "").split(" && "));
}

/** Those that are run as they are written, by a test that reads the document. */
function listRun(document: Document): string[] {
  return listSingleCommands(document).filter(
    (command) => findReason(document.path, command) === undefined,
  );
}

/** Documents whose commands nobody runs. */
function findUnwalked(documents: readonly Document[]): string[] {
  return documents
    .filter((one) => listRun(one).length > 0 && !Object.hasOwn(walks, one.path))
    .map(({ path }) => `${path} has commands to run, and tests/docs/walks.ts names no test of it`);
}

test("a test follows each document that has commands, and the rest is in one list with reasons", async () => {
  const documents = await readDocuments();
  expect(findUnwalked(documents)).toEqual([]);
  for (const [path, file] of Object.entries(walks)) {
    expect(existsSync(join(projectRoot, file)), file).toBe(true);
    expect(await readProject(file), `${file} does not read ${path}`).toContain(`"${path}"`);
    const document = documents.find((one) => one.path === path);
    expect(document && listRun(document).length, path).toBeGreaterThan(0);
  }
  const all = documents.flatMap(listSingleCommands).length;
  const run = documents.flatMap(listRun).length;
  tellCount("commands in blocks", all);
  tellCount("of them run as they are written", run);
  for (const reason of reasons) {
    const count = documents
      .flatMap((one) => listSingleCommands(one).map((command) => findReason(one.path, command)))
      .filter((found) => found?.reason === reason).length;
    tellCount(`of them not: ${reason}`, count);
  }
});

test("every entry of that list is needed", async () => {
  const documents = [...(await readDocuments()), ...(await readTheirDocuments())];
  const found = documents.flatMap((one) =>
    listSingleCommands(one).flatMap((command) => findReason(one.path, command) ?? []),
  );
  // A README of somebody's own may say nothing of the tests.
  const ofOurs = notRun.filter(({ command }) => !command.test("npm test"));
  for (const entry of ofOurs) expect(found, String(entry.command)).toContain(entry);
});

test("a document that nobody follows is found", () => {
  const block = "```sh\nnpm ci && npm start\n```\n";
  const quiet = parseDocument("docs/quiet.md", "```sh\nnpm ci\n```\n");
  const documents = [parseDocument("docs/a.md", block), quiet];
  expect(findUnwalked(documents)).toEqual([
    "docs/a.md has commands to run, and tests/docs/walks.ts names no test of it",
  ]);
});

test("blocks of JSON, YAML and TOML can be read", async () => {
  const readers: Readonly<Record<string, (text: string) => unknown>> = {
    json: (text) => JSON.parse(text),
    yaml: (text) => parseYaml(text),
    toml: (text) => parseTOML(text),
  };
  let count = 0;
  for (const document of await readDocuments()) {
    for (const { value, at } of listBlocks(document)) {
      const read = readers[value.language];
      if (read === undefined) continue;
      count += 1;
      expect(() => read(value.text), at).not.toThrow();
    }
  }
  tellCount("blocks of JSON, YAML and TOML", count);
  expect(count).toBeGreaterThan(8);
});
