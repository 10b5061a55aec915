import { posix } from "node:path";
import { expect, test } from "vitest";
import {
  type Document,
  listAnchors,
  listFiles,
  listTargets,
  parseDocument,
  readDocuments,
  tellCount,
} from "./documents.ts";

/** Links into the project. Nothing here asks the Internet. */
function listOwnLinks(document: Document) {
  return listTargets(document).filter(({ value }) => !/^[a-z]+:/.test(value));
}

/** Every link that leads nowhere, with what is missing. */
function findDeadLinks(documents: readonly Document[], files: readonly string[]): string[] {
  const anchors = new Map(documents.map((document) => [document.path, listAnchors(document)]));
  return documents.flatMap((document) =>
    listOwnLinks(document).flatMap(({ value, at }) => {
      const [target = "", anchor] = value.split("#");
      const path = target === "" ? document.path : posix.join(posix.dirname(document.path), target);
      const isThere = files.some((file) => file === path || file.startsWith(`${path}/`));
      if (!isThere) return `${at} links to ${path}, which is not there`;
      if (anchor === undefined || anchors.get(path)?.includes(anchor)) return [];
      return `${at} links to ${path}#${anchor}, and there is no such heading`;
    }),
  );
}

test("every link between the documents and into the code leads somewhere, with its anchor", async () => {
  const documents = await readDocuments();
  expect(findDeadLinks(documents, await listFiles())).toEqual([]);
  const links = documents.flatMap(listOwnLinks);
  tellCount("documents", documents.length);
  tellCount("links into the project", links.length);
  tellCount("of them with an anchor", links.filter(({ value }) => value.includes("#")).length);
  expect(documents.length).toBeGreaterThan(8);
  expect(links.length).toBeGreaterThan(100);
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

test("every document can be reached from the README", async () => {
  const documents = await readDocuments();
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const document = documents.find((one) => one.path === path);
    for (const { value } of document === undefined ? [] : listOwnLinks(document)) {
      const [target = ""] = value.split("#");
      if (target !== "") reached.add(posix.join(posix.dirname(path), target));
    }
  }
  for (const { path } of documents) expect(reached).toContain(path);
});
