import type { SqlStorage } from "@cloudflare/workers-types";

/**
 * The steps that build a person's database, oldest first. Append only: an object that was last open under an
 * older version runs what comes after it, once. Never edit a step that was deployed.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE entries (
     collection TEXT NOT NULL,
     key TEXT NOT NULL,
     value TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     PRIMARY KEY (collection, key)
   ) WITHOUT ROWID;
   CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;`,
  `CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     client TEXT NOT NULL,
     used_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE watchers (
     session TEXT NOT NULL,
     topic TEXT NOT NULL,
     PRIMARY KEY (session, topic)
   ) WITHOUT ROWID;`,
  "ALTER TABLE sessions ADD COLUMN grant_id TEXT NOT NULL DEFAULT ''",
];

/**
 * Brings a database to the newest version. Runs inside one event of the object, which is one transaction:
 * all of it happens, or nothing.
 * @throws Error for a database that a newer Worker has changed: continuing could harm its data.
 */
export function migrate(sql: SqlStorage, steps: readonly string[] = migrations): void {
  sql.exec("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
  const row = sql.exec<{ version: number }>("SELECT version FROM schema_version").toArray()[0];
  const version = row?.version ?? 0;
  if (version > steps.length) {
    throw new Error(
      `A person's database is at version ${version}, and this Worker knows ${steps.length}. Deploy the newer Worker again.`,
    );
  }
  if (version === steps.length) return;
  for (const step of steps.slice(version)) sql.exec(step);
  sql.exec("DELETE FROM schema_version");
  sql.exec("INSERT INTO schema_version VALUES (?)", steps.length);
}
