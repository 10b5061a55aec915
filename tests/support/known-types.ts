import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Where `tsc` keeps what it found out, as `tsconfig.json`, `worker/tsconfig.json` and the dev server say. */
const records = [
  ".dev/typecheck.tsbuildinfo",
  ".dev/typecheck-worker.tsbuildinfo",
  ".dev/types.tsbuildinfo",
];

/**
 * Gives a copy of the project what a check of types in this checkout, or in an earlier copy, found out. `tsc` compares
 * each file with what it was, and checks again what has changed and what depends on it.
 * @param copy top of the copy, whose `node_modules` leads to ours.
 */
export function lendTypes(copy: string): void {
  for (const record of records) carry(record, root, copy);
}

/** Keeps what was found out in a copy for those that come after it. */
export function keepTypes(copy: string): void {
  for (const record of records) carry(record, copy, root);
}

/** Part of a record that names the files it tells of, from the record's folder. */
interface Named {
  readonly fileNames: readonly string[];
}

/** Gives a checkout that has no record another one's, with the places of packages as they are from there. */
function carry(record: string, from: string, to: string): void {
  const target = join(to, record);
  if (existsSync(target)) return;
  const known = readRecord(join(from, record));
  if (known === undefined) return;
  const [old, own] = [from, to].map((top) => findPackages(top, record));
  const fileNames = known.fileNames.map((name) =>
    name.startsWith(`${old}/`) ? `${own}${name.slice(old?.length)}` : name,
  );
  // In one step, as another test may be reading it.
  const unfinished = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  writeFileSync(unfinished, JSON.stringify({ ...known, fileNames }));
  renameSync(unfinished, target);
}

/** None where there is no record, or where somebody is just writing it. */
function readRecord(file: string): Named | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Named;
  } catch {
    return undefined;
  }
}

/** The folder of packages as `tsc` names it in a record: where it really is, from the record's folder. */
function findPackages(top: string, record: string): string {
  const packages = realpathSync(join(top, "node_modules"));
  const folder = dirname(join(realpathSync(top), record));
  return relative(folder, packages).split(sep).join("/");
}
