import * as z from "zod";
import { UserError } from "../user-error.ts";
import { type AppliedStep, type DatabaseStep, findPending, migrationsFolder } from "./steps.ts";

/**
 * Runs SQL in a D1 database: several statements are one transaction. @returns the rows of the last one.
 * @throws Error with the database's words.
 */
export type Query = (sql: string) => Promise<readonly unknown[]>;

/**
 * The table in which `wrangler d1 migrations` keeps what is applied, exactly as it makes it, so that either
 * sees what the other did. It has names only: what each file was is kept in a table beside it.
 */
const createTables = `CREATE TABLE IF NOT EXISTS "d1_migrations"(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE TABLE IF NOT EXISTS d1_migration_hashes (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL);`;

const selectApplied = `SELECT d1_migrations.name, sha256 FROM d1_migrations
LEFT JOIN d1_migration_hashes USING (name) ORDER BY id;`;

const appliedRows = z.array(
  z.object({ name: z.string(), sha256: z.string().nullable().default(null) }),
);

/**
 * Brings a database up to its last step: each one it lacks, in order, together with the note that it is in,
 * as one transaction. A step whose answer was lost is found by its note, and not run twice.
 * @returns the names of the steps that were applied now.
 * @throws UserError for a history that was edited, or a step that the database refuses: it says
 * which are in.
 */
export async function applyMigrations(
  binding: string,
  steps: readonly DatabaseStep[],
  query: Query,
): Promise<string[]> {
  await query(createTables);
  const applied = await readApplied(query);
  const pending = findPending(binding, steps, applied);
  await noteHashes(steps, applied, query);
  for (const step of pending) {
    try {
      await query(`${step.sql}\n${toNote(step)}`);
    } catch (error) {
      await checkApplied(binding, step, query, error);
    }
  }
  return pending.map(({ name }) => name);
}

async function readApplied(query: Query): Promise<AppliedStep[]> {
  const rows = appliedRows.parse(await query(selectApplied));
  return rows.map(({ name, sha256 }) => ({ name, sha256: sha256 ?? undefined }));
}

/** Takes the steps that wrangler applied as they are now: they may not change from here on. */
async function noteHashes(
  steps: readonly DatabaseStep[],
  applied: readonly AppliedStep[],
  query: Query,
): Promise<void> {
  const unknown = applied.filter(({ sha256 }) => sha256 === undefined).map(({ name }) => name);
  const found = steps.filter(({ name }) => unknown.includes(name));
  if (found.length > 0) await query(found.map(toHashNote).join("\n"));
}

/** Both notes of a step. Names have no quotes in them. */
function toNote(step: DatabaseStep): string {
  return `INSERT INTO d1_migrations (name) VALUES ('${step.name}');\n${toHashNote(step)}`;
}

function toHashNote({ name, sha256 }: DatabaseStep): string {
  return `INSERT OR REPLACE INTO d1_migration_hashes VALUES ('${name}', '${sha256}');`;
}

/** @throws UserError unless the step is in all the same. */
async function checkApplied(
  binding: string,
  { name }: DatabaseStep,
  query: Query,
  error: unknown,
): Promise<void> {
  const applied = await readApplied(query).catch(() => undefined);
  const names = applied?.map((step) => step.name);
  if (names?.includes(name)) return;
  const said = error instanceof Error ? error.message : String(error);
  // What to do is said below.
  const reason = said.replace(/ Run the same command again.*$/, "").replace(/\.?$/, ".");
  const state =
    names === undefined
      ? "Whether it was applied is not known."
      : `None of it was applied. Applied so far: ${names.length === 0 ? "none" : names.join(", ")}.`;
  throw new UserError(
    `${migrationsFolder}/${binding}/${name}: the step failed: ${reason} ${state} Correct the file, and run the same command again.`,
  );
}
