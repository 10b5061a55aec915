import { type Document, listInlineCode } from "./documents.ts";

/** Paths that are in no checkout, and why. */
export const elsewhere: Readonly<Record<string, string>> = {
  ".dev/": "made by npm start",
  ".dev/secrets.yaml": "written by whoever runs npm start",
  ".dev/connect/": "made by npm run mcp -- connect",
  ".build/": "made by each bundle",
  ".build/worker.js": "made by a bundle with all ways in",
  ".build/worker-github-machines.js": "made by the bundle of such a stack",
  ".cloud/": "made by npm run cloud",
  ".cloud/token": "made by npm run cloud",
};

/** Where clients look in the folder of somebody's project. */
const ofClients = /^\.(?:codex|cursor|gemini|vscode|zed)\//;

/** A path in the project: folders and a name, and nothing that is not a path. */
const path = /^\.?[a-z][\w-]*(?:\/[\w.-]+)+\/?$|^\.?[a-z]+\/$/;
/** Files at the root that are named alone. */
const rootFile = /^(?:Pulumi(?:\.\w+)?\.yaml|package\.json|vitest\.config\.ts|biome\.json)$/;
/** Looks like a path and is none: a name in npm or MCP, a media type, an organisation's team. */
const noPath =
  /^(?:acme|application|owner|refs|subscriptions|tools|server|remote-mcp-server)\/|^node_modules\//;

/** Inline code that reads like a path of the project. */
export function listPaths(document: Document) {
  return listInlineCode(document).filter(
    ({ value }) =>
      (path.test(value) || rootFile.test(value)) && !noPath.test(value) && !ofClients.test(value),
  );
}

/**
 * Every path that is named and is not there.
 * @param isElsewhere says of a path that it need not be there.
 */
export function findMissingPaths(
  documents: readonly Document[],
  files: readonly string[],
  isElsewhere: (path: string) => boolean = () => false,
): string[] {
  return documents.flatMap(listPaths).flatMap(({ value, at }) => {
    if (Object.hasOwn(elsewhere, value) || isElsewhere(value)) return [];
    const name = value.replace(/\/$/, "");
    const isThere = files.some((file) => file === name || file.startsWith(`${name}/`));
    return isThere ? [] : `${at} names ${value}, which is not there`;
  });
}
