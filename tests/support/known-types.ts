import { readFile, realpath } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { replaceFile } from "../../infra/replace-file.ts";

const root = resolve(import.meta.dirname, "../..");

/** Where `tsc` keeps what it found out, as `tsconfig.json` and `worker/tsconfig.json` say. */
const records = [".dev/typecheck.tsbuildinfo", ".dev/typecheck-worker.tsbuildinfo"];

/**
 * Checks types in a copy of the project, beginning with what a check of this checkout, or of an earlier copy, found
 * out. `tsc` compares each file with what it was, and checks again what has changed and what depends on it.
 * @param copy top of the copy, whose `node_modules` leads to ours.
 * @param check runs `tsc` there.
 */
export async function checkTypes<Result>(
  copy: string,
  check: () => Promise<Result>,
): Promise<Result> {
  for (const record of records) await carry(record, root, copy);
  const result = await check();
  for (const record of records) await carry(record, copy, root);
  return result;
}

/** Part of a record that names the files it tells of, from the record's folder. */
interface Named {
  readonly fileNames: readonly string[];
}

/** Gives a checkout that has no record another one's, with the places of packages as they are from there. */
async function carry(record: string, from: string, to: string): Promise<void> {
  const [known, present] = await Promise.all(
    [from, to].map((top) => readRecord(join(top, record))),
  );
  if (known === undefined || present !== undefined) return;
  const [old, own] = await Promise.all([from, to].map((top) => findPackages(top, record)));
  const fileNames = known.fileNames.map((name) =>
    name.startsWith(`${old}/`) ? `${own}${name.slice(old?.length)}` : name,
  );
  // In one step, as another test may be reading it.
  await replaceFile(join(to, record), JSON.stringify({ ...known, fileNames }));
}

/** None where there is no record, or where somebody is just writing it. */
async function readRecord(file: string): Promise<Named | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Named;
  } catch {
    return undefined;
  }
}

/** The folder of packages as `tsc` names it in a record: where it really is, from the record's folder. */
async function findPackages(top: string, record: string): Promise<string> {
  const packages = await realpath(join(top, "node_modules"));
  const folder = dirname(join(await realpath(top), record));
  return relative(folder, packages).split(sep).join("/");
}
