import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { listModules } from "./imports.ts";

/** What a lock file (version 3) says of one package. */
export interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly optionalDependencies?: Readonly<Record<string, string>> | undefined;
  readonly peerDependencies?: Readonly<Record<string, string>> | undefined;
}

/**
 * Which of these packages files of one kind import, and no other file does.
 * @param root top of the checkout.
 * @param names of packages.
 * @param isOne whether a file is of that kind, by its path from the top.
 */
export function listPackagesOnlyOf(
  root: string,
  names: readonly string[],
  isOne: (path: string) => boolean,
): string[] {
  const [theirs, others] = [new Set<string>(), new Set<string>()];
  for (const path of listModules(root)) (isOne(path) ? theirs : others).add(path);
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const byThem = new Set([...theirs].flatMap((path) => listPackages(read(path))));
  const found = new Set(names.filter((name) => byThem.has(name)));
  for (const path of others) {
    const text = read(path);
    // Of most modules nothing else need be known, and to parse their imports takes far longer than this.
    if (![...found].some((name) => text.includes(name))) continue;
    for (const name of listPackages(text)) found.delete(name);
  }
  return [...found];
}

/**
 * Paths in a lock file of packages that only some of the top's packages need, those themselves included.
 * @param packages of the lock, by path; the top's own is "".
 * @param names of packages of the top.
 * @param others the top's other packages.
 */
export function listNeededOnlyBy(
  packages: Readonly<Record<string, LockedPackage>>,
  names: readonly string[],
  others: readonly string[],
): string[] {
  const kept = listNeeded(packages, others);
  return [...listNeeded(packages, names)].filter((path) => !kept.has(path));
}

function listNeeded(
  packages: Readonly<Record<string, LockedPackage>>,
  names: readonly string[],
): Set<string> {
  const needed = new Set<string>();
  const visit = (from: string, name: string) => {
    const path = findPackage(packages, from, name);
    if (path === undefined || needed.has(path)) return;
    needed.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
    const all = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const next of Object.keys(all)) visit(path, next);
  };
  for (const name of names) visit("", name);
  return needed;
}

/** Where a package finds another, as Node looks for it: below itself, then below each folder around it. */
function findPackage(
  packages: Readonly<Record<string, unknown>>,
  from: string,
  name: string,
): string | undefined {
  for (
    let folder = from;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")))
  ) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (Object.hasOwn(packages, path)) return path;
    if (folder === "") return undefined;
  }
}

/** Names of the packages that the text of a module imports. */
export function listPackages(text: string): string[] {
  return ts.preProcessFile(text).importedFiles.map(({ fileName }) => toPackageName(fileName));
}

/** `@scope/name/part` is of the package `@scope/name`. */
function toPackageName(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
