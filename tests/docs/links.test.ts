import { posix } from "node:path";
import { expect, test } from "vitest";
import { findDeadLinks, listOwnLinks } from "./dead-links.ts";
import {
  listFiles,
  ownership,
  parseDocument,
  readDocuments,
  readTheirDocuments,
  tellCount,
} from "./documents.ts";

/** What every server has of its own, unless its person took it away, so that our pages may link to it. */
const always = [
  "worker/tools",
  "worker/tools/index.ts",
  "worker/resources",
  "worker/prompts",
  "worker/scopes.ts",
  "docs/server/tools.md",
  "tests/mine",
  "Pulumi.local.yaml",
  "Pulumi.preview.yaml",
  "README.md",
];

test("every link between the documents and into the code leads somewhere, with its anchor", async () => {
  const documents = await readDocuments();
  const files = [...(await listFiles()), ...always];
  expect(findDeadLinks(documents, files, await readTheirDocuments())).toEqual([]);
  const links = documents.flatMap(listOwnLinks);
  tellCount("documents", documents.length);
  tellCount("links into the project", links.length);
  tellCount("of them with an anchor", links.filter(({ value }) => value.includes("#")).length);
  expect(documents.length).toBeGreaterThan(8);
  expect(links.length).toBeGreaterThan(100);
});

test("our documents link to nothing that a person may take away", async () => {
  const targets = (await readDocuments()).flatMap((document) =>
    listOwnLinks(document).map(({ value, at }) => ({
      at,
      path: posix.join(posix.dirname(document.path), value.replace(/#.*/, "")),
    })),
  );
  const strange = targets.filter(
    ({ path }) =>
      (ownership.isTheirs(path) || ownership.isTheirs(`${path}/any`)) && !always.includes(path),
  );
  expect(strange).toEqual([]);
});

test("a dead link, a dead anchor and a picture that is gone are found", () => {
  const text =
    '# Some `code`, here!\n# Twice\n# Twice\n\n[a](b.md) [c](#some-code-here) [d](#some-code) [e](#twice-1) <img src="g.png"> [h](../README.md#x)\n';
  const documents = [parseDocument("docs/a.md", text), parseDocument("README.md", "# README\n")];
  expect(findDeadLinks(documents, ["docs/a.md", "README.md"])).toEqual([
    "docs/a.md:5 links to docs/b.md, which is not there",
    "docs/a.md:5 links to docs/a.md#some-code, and there is no such heading",
    "docs/a.md:5 links to docs/g.png, which is not there",
    "docs/a.md:5 links to README.md#x, and there is no such heading",
  ]);
});

test("every document can be reached from CONTRIBUTING.md, which every README links", async () => {
  const documents = await readDocuments();
  const reached = new Set(["CONTRIBUTING.md"]);
  for (const path of reached) {
    const document = documents.find((one) => one.path === path);
    for (const { value } of document === undefined ? [] : listOwnLinks(document)) {
      const [target = ""] = value.split("#");
      if (target !== "") reached.add(posix.join(posix.dirname(path), target));
    }
  }
  for (const { path } of documents) expect(reached).toContain(path);
});
