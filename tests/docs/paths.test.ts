import { expect, test } from "vitest";
import { listFiles, ownership, parseDocument, readDocuments, tellCount } from "./documents.ts";
import { elsewhere, findMissingPaths, listPaths } from "./missing-paths.ts";

test("every path of ours that our documents name is there", async () => {
  const documents = await readDocuments();
  // What belongs to a person they may have taken away.
  const isTheirs = (path: string) => ownership.isTheirs(path.replace(/\/$/, "/any"));
  expect(findMissingPaths(documents, await listFiles(), isTheirs)).toEqual([]);
  const paths = documents.flatMap(listPaths);
  tellCount("paths in inline code", paths.length);
  expect(paths.length).toBeGreaterThan(100);
});

test("a file that is gone is found, and every exception is needed", async () => {
  const text =
    "`worker/gone.ts` `infra/` `Pulumi.gone.yaml` `.dev/secrets.yaml` `tools/list` `/mcp`\n";
  expect(findMissingPaths([parseDocument("docs/a.md", text)], ["infra/index.ts"])).toEqual([
    "docs/a.md:1 names worker/gone.ts, which is not there",
    "docs/a.md:1 names Pulumi.gone.yaml, which is not there",
  ]);
  const named = (await readDocuments()).flatMap(listPaths).map(({ value }) => value);
  for (const exception of Object.keys(elsewhere)) expect(named).toContain(exception);
});
