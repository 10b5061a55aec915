import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../user-error.ts";

/** Where the steps of all databases are kept, from the root of the checkout: a folder for each binding. */
export const migrationsFolder = "worker/migrations";

/** One file of a database's history. */
export interface DatabaseStep {
  /** Name of the file, as `0001_create_notes.sql`. */
  readonly name: string;
  /** Its text, with line ends as Git keeps them. */
  readonly sql: string;
  /** SHA-256 of the text, in hex. */
  readonly sha256: string;
}

/** The steps of each database in order, by the name of its binding. */
export type DatabaseSteps = ReadonlyMap<string, readonly DatabaseStep[]>;

/** A step that a database has, as it says itself. */
export interface AppliedStep {
  readonly name: string;
  /** SHA-256 that its file had; undefined for one that wrangler applied. */
  readonly sha256: string | undefined;
}

/** `0001_` and words: what wrangler makes, with a number that puts the files in order. */
const stepName = /^(\d{4,})_[\w-]+\.sql$/;

/**
 * Reads the steps of databases.
 * @param root of the checkout.
 * @param databases bindings of D1 databases.
 * @returns nothing for a database without a folder.
 * @throws UserError for a file whose place or text is not clear.
 */
export async function readMigrations(
  root: string,
  databases: readonly string[],
): Promise<DatabaseSteps> {
  const migrations = new Map<string, readonly DatabaseStep[]>();
  for (const binding of databases) {
    const path = `${migrationsFolder}/${binding}`;
    const steps = await readSteps(join(root, path), path);
    if (steps.length > 0) migrations.set(binding, steps);
  }
  return migrations;
}

/**
 * @param databases bindings of all D1 databases that tools need.
 * @throws UserError for the folder of another one: its steps would never be applied.
 */
export async function refuseOtherFolders(
  root: string,
  databases: readonly string[],
): Promise<void> {
  const names = await list(join(root, migrationsFolder));
  const other = names.find((name) => !databases.includes(name));
  if (other === undefined) return;
  throw new UserError(
    `${migrationsFolder}/${other}: no tool needs a D1 database "${other}". Name it under bindings in a tool's needs, as { ${other}: { kind: "d1" } }, or remove it.`,
  );
}

async function readSteps(folder: string, path: string): Promise<DatabaseStep[]> {
  const names = (await list(folder)).filter((name) => name.endsWith(".sql"));
  const numbers = new Map<number, string>();
  for (const name of names) {
    const number = toNumber(name);
    if (Number.isNaN(number)) {
      throw new UserError(
        `${path}/${name}: the name of a step is a number and words, such as 0001_create_notes.sql. Rename the file.`,
      );
    }
    const other = numbers.get(number);
    if (other !== undefined) {
      throw new UserError(
        `${path}: ${other} and ${name} have the same number, so their order is not clear. Give the newer one the next number.`,
      );
    }
    numbers.set(number, name);
  }
  const ordered = [...numbers].toSorted(([one], [other]) => one - other);
  return Promise.all(ordered.map(([, name]) => readStep(folder, path, name)));
}

async function readStep(folder: string, path: string, name: string): Promise<DatabaseStep> {
  const text = await readFile(join(folder, name), "utf8");
  // Windows checks files out with other line ends, and the step is the same.
  const sql = text.replaceAll("\r\n", "\n");
  // The line that notes the step is sent behind it.
  if (!endsStatement(sql)) {
    throw new UserError(
      `${path}/${name}: the file does not end with a statement and its semicolon. Complete it.`,
    );
  }
  return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}

/** A comment, or a text or name in quotes, in which a comment does not begin. */
const commentOrQuoted = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g;

/** Whether nothing but white space and comments follows the last semicolon. */
function endsStatement(sql: string): boolean {
  const bare = sql.replace(commentOrQuoted, (found) => (/^['"]/.test(found) ? "x" : " "));
  return /;\s*$/.test(bare);
}

async function list(folder: string): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names.filter((name) => !name.startsWith(".")).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The steps that a database still lacks, in order. A database may have later ones than the folder as long as
 * nothing is pending: an older version of the code is deployed again.
 * @throws UserError if the history was changed after it was applied.
 */
export function findPending(
  binding: string,
  steps: readonly DatabaseStep[],
  applied: readonly AppliedStep[],
): DatabaseStep[] {
  const refuse = (name: string, problem: string) =>
    new UserError(`${migrationsFolder}/${binding}/${name}: ${problem}`);
  const known = new Map(applied.map((step) => [step.name, step]));
  for (const { name, sha256 } of steps) {
    const before = known.get(name)?.sha256;
    if (before === undefined || before === sha256) continue;
    throw refuse(
      name,
      "the database has this step already, and its file has changed since. A step runs once: restore the file, and write the change as a new step.",
    );
  }
  const last = steps.findLastIndex(({ name }) => known.has(name));
  const lastName = steps[last]?.name ?? "";
  const pending = steps.slice(last + 1);
  // What wrangler applied under another kind of name has no place in the order.
  const missing = applied
    .map(({ name }) => name)
    .filter((name) => stepName.test(name) && !steps.some((step) => step.name === name));
  const removed = missing.find(
    (name) => pending.length > 0 || toNumber(name) <= toNumber(lastName),
  );
  if (removed !== undefined) {
    throw refuse(
      removed,
      "the database has this step, and the file is not here: it was renamed, removed, or is on another branch. Restore it; to remove what the step made, write a new one.",
    );
  }
  const early = steps.slice(0, last + 1).find(({ name }) => !known.has(name));
  if (early !== undefined) {
    throw refuse(
      early.name,
      `the database has ${lastName} already, which comes after it. Give the step a number after ${lastName}.`,
    );
  }
  return pending;
}

function toNumber(name: string): number {
  return Number(stepName.exec(name)?.[1]);
}
