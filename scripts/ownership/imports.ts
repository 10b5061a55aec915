import { globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import type { Ownership } from "./ownership.ts";

/** Files of ours that take what is theirs: the features, and the icon of the entry's pages. They hand it to all others. */
const handOver: readonly string[] = ["worker/features.ts", "worker/index.ts"];

/** What files of theirs import of ours. */
const kit = "worker/kit/index.ts";

/** An import that `ownership.json` does not allow. */
export interface WrongImport {
  /** Paths from the top of the repository. A package has its specifier instead. */
  readonly importer: string;
  readonly imported: string;
  /** What is wrong with it, and what to do instead. */
  readonly why: string;
}

/** Modules of all rooms, with the tests beside them, as paths from the top of the repository. */
export function listModules(root: string): string[] {
  const exclude = (path: string) => posix.basename(path) === "node_modules";
  return globSync("{infra,scripts,tests,worker}/**/*.{ts,tsx}", { cwd: root, exclude })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted();
}

/**
 * What a module imports, types included.
 * @returns files of the repository as paths from its top, and packages by their specifiers.
 */
export function listImported(root: string, path: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(root, path), "utf8"));
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith(".")
      ? posix.join(posix.dirname(path), fileName.replace(/\?\w+$/, ""))
      : fileName,
  );
}

/**
 * Every import over the line between theirs and ours that `ownership.json` draws: so that what is theirs can be
 * replaced as a whole, and an upgrade of what is ours meets nothing that it does not know.
 */
export function findWrongImports(root: string, ownership: Ownership): WrongImport[] {
  return listModules(root).flatMap((importer) =>
    listImported(root, importer).flatMap((imported) => {
      const why = ownership.isTheirs(importer)
        ? judgeTheirs(importer, imported, ownership)
        : judgeOurs(importer, imported, ownership);
      return why === undefined ? [] : [{ importer, imported, why }];
    }),
  );
}

function judgeOurs(importer: string, imported: string, ownership: Ownership): string | undefined {
  if (!ownership.isTheirs(imported) || handOver.includes(importer)) return undefined;
  return "that file is the person's whose server it is. Take the features you are given; worker/features.ts hands them over";
}

function judgeTheirs(importer: string, imported: string, ownership: Ownership): string | undefined {
  // A test of what the server promises drives whatever it likes.
  if (!importer.startsWith("worker/")) return undefined;
  const isTest = /\.test\.tsx?$/.test(importer);
  if (imported.startsWith("cloudflare:") && !isTest) {
    return "infra/ loads it under Node, which has no such module. Take storage and bindings from what the call is given";
  }
  const isFile = /^(?:\.\.|infra|scripts|tests|worker)\//.test(imported);
  if (!isFile || imported === kit || ownership.isTheirs(imported)) return undefined;
  if (isTest && /^tests\/(?:evaluation|support)\//.test(imported)) return undefined;
  return `a file of the server's own imports ${kit}, its neighbours and packages; its tests also tests/support/`;
}
