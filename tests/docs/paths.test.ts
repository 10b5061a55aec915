import { expect, test } from "vitest";
import {
  type Document,
  listFiles,
  listInlineCode,
  parseDocument,
  readDocuments,
  tellCount,
} from "./documents.ts";

/** Paths that are in no checkout, and why. */
const elsewhere: Readonly<Record<string, string>> = {
  ".dev/": "made by npm start",
  ".dev/secrets.yaml": "written by whoever runs npm start",
  ".cloud/": "made by npm run cloud",
  ".cloud/token": "made by npm run cloud",
};

/** Where clients look in the folder of somebody's project. */
const ofClients = /^\.(?:codex|cursor|gemini|vscode|zed)\//;

/** A path in the project: folders and a name, and nothing that is no path. */
const path = /^\.?[a-z][\w-]*(?:\/[\w.-]+)+\/?$|^\.?[a-z]+\/$/;
/** Files at the root that are named alone. */
const rootFile = /^(?:Pulumi(?:\.\w+)?\.yaml|package\.json|vitest\.config\.ts|biome\.json)$/;
/** Looks like a path and is none: a name in npm or MCP, a media type, an organisation's team. */
const noPath = /^(?:subscriptions|tools|server|remote-mcp-server)\/|^node_modules\//;

function listPaths(document: Document) {
  return listInlineCode(document).filter(
    ({ value }) =>
      (path.test(value) || rootFile.test(value)) && !noPath.test(value) && !ofClients.test(value),
  );
}

function findMissing(documents: readonly Document[], files: readonly string[]): string[] {
  return documents.flatMap(listPaths).flatMap(({ value, at }) => {
    if (Object.hasOwn(elsewhere, value)) return [];
    const name = value.replace(/\/$/, "");
    const isThere = files.some((file) => file === name || file.startsWith(`${name}/`));
    return isThere ? [] : `${at} names ${value}, which is not there`;
  });
}

test("every path that the documents name is there", async () => {
  const documents = await readDocuments();
  expect(findMissing(documents, await listFiles())).toEqual([]);
  const paths = documents.flatMap(listPaths);
  tellCount("paths in inline code", paths.length);
  expect(paths.length).toBeGreaterThan(100);
});

test("a file that is gone is found, and every exception is needed", async () => {
  const text =
    "`worker/gone.ts` `infra/` `Pulumi.gone.yaml` `.dev/secrets.yaml` `tools/list` `/mcp`\n";
  expect(findMissing([parseDocument("docs/a.md", text)], ["infra/index.ts"])).toEqual([
    "docs/a.md:1 names worker/gone.ts, which is not there",
    "docs/a.md:1 names Pulumi.gone.yaml, which is not there",
  ]);
  const named = (await readDocuments()).flatMap(listPaths).map(({ value }) => value);
  for (const exception of Object.keys(elsewhere)) expect(named).toContain(exception);
});
