import { DurableObject } from "cloudflare:workers";

/** A key as one place sees it. */
export interface SeenKey {
  readonly key: string;
  readonly value: string;
  /** JSON. */
  readonly metadata: string | null;
  /** Milliseconds since the epoch when it ends. */
  readonly until: number | null;
}

/** One reader: where it is, what time it is there, and how late others' writes come to it. */
export interface View {
  readonly place: string;
  readonly now: number;
  readonly lateness: number;
}

/** A write; a deletion has no value. */
export interface Write extends View {
  readonly key: string;
  readonly value: string | null;
  readonly metadata: string | null;
  readonly until: number | null;
  readonly isOneWriteASecond: boolean;
}

/** An alarm that an object has set. */
export interface Alarm {
  readonly binding: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

type Row = {
  readonly key: string;
  readonly value: string | null;
  readonly metadata: string | null;
  readonly until: number | null;
  readonly place: string;
  readonly at: number;
};

/**
 * The one object behind the simulated KV namespace and the alarms of all objects. It keeps every version
 * of a key until all places see a newer one. It outlives a restart of the runtime, as KV and alarms do.
 */
export class SimulationStore extends DurableObject {
  readonly #sql = this.ctx.storage.sql;

  constructor(ctx: ConstructorParameters<typeof DurableObject>[0], env: object) {
    super(ctx, env);
    this.#sql.exec(`
      CREATE TABLE IF NOT EXISTS versions (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL, value TEXT, metadata TEXT, until INTEGER,
        place TEXT NOT NULL, at INTEGER NOT NULL
      );
      CREATE INDEX IF NOT EXISTS versions_of_key ON versions (key, seq);
      CREATE TABLE IF NOT EXISTS alarms (
        binding TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (binding, id)
      );
      CREATE INDEX IF NOT EXISTS due_alarms ON alarms (at);
    `);
  }

  /** A key as a place sees it. */
  read(key: string, view: View): SeenKey | null {
    const rows = this.#sql.exec<Row>("SELECT * FROM versions WHERE key = ? ORDER BY seq DESC", key);
    for (const row of rows) if (isSeen(row, view)) return toSeenKey(row, view);
    return null;
  }

  /** Every key with a prefix that a place sees, by name. */
  list(prefix: string, view: View): SeenKey[] {
    const rows = this.#sql.exec<Row>(
      "SELECT * FROM versions WHERE key >= ? AND substr(key, 1, ?) = ? ORDER BY key, seq DESC",
      prefix,
      prefix.length,
      prefix,
    );
    const seen: SeenKey[] = [];
    let done: string | undefined;
    for (const row of rows) {
      if (row.key === done || !isSeen(row, view)) continue;
      done = row.key;
      const found = toSeenKey(row, view);
      if (found !== null) seen.push(found);
    }
    return seen;
  }

  /** @returns whether it was taken. */
  write({ key, value, metadata, until, isOneWriteASecond, ...view }: Write): boolean {
    const { place, now, lateness } = view;
    const [last] = this.#sql
      .exec<{ at: number }>("SELECT at FROM versions WHERE key = ? ORDER BY seq DESC LIMIT 1", key)
      .toArray();
    if (isOneWriteASecond && last !== undefined && now < last.at + 1000) return false;
    this.#sql.exec(
      "INSERT INTO versions (key, value, metadata, until, place, at) VALUES (?, ?, ?, ?, ?, ?)",
      ...[key, value, metadata, until, place, now],
    );
    this.#sql.exec(
      `DELETE FROM versions WHERE key = ?1 AND seq <
         (SELECT max(seq) FROM versions WHERE key = ?1 AND at <= ?2)`,
      ...[key, now - lateness],
    );
    return true;
  }

  setAlarm(binding: string, id: string, at: number | null): void {
    if (at === null) {
      this.#sql.exec("DELETE FROM alarms WHERE binding = ? AND id = ?", binding, id);
      return;
    }
    this.#sql.exec(
      "INSERT OR REPLACE INTO alarms (binding, id, at) VALUES (?, ?, ?)",
      ...[binding, id, at],
    );
  }

  readAlarm(binding: string, id: string): number | null {
    const rows = this.#sql.exec<{ at: number }>(
      "SELECT at FROM alarms WHERE binding = ? AND id = ?",
      ...[binding, id],
    );
    return rows.toArray()[0]?.at ?? null;
  }

  /** Takes the next alarm that is due by a time; null where there is none. */
  takeDue(by: number): Alarm | null {
    const rows = this.#sql.exec("SELECT * FROM alarms WHERE at <= ? ORDER BY at LIMIT 1", by);
    const alarm = (rows.toArray()[0] as Alarm | undefined) ?? null;
    if (alarm !== null) this.setAlarm(alarm.binding, alarm.id, null);
    return alarm;
  }

  /** Removes what nobody can see any more. */
  sweep({ now, lateness }: View): void {
    this.#sql.exec("DELETE FROM versions WHERE until <= ?", now - lateness);
    this.#sql.exec(
      `DELETE FROM versions WHERE value IS NULL AND at <= ? AND seq =
         (SELECT min(seq) FROM versions AS older WHERE older.key = versions.key)`,
      now - lateness,
    );
  }
}

/** Where it was written it is seen at once. */
function isSeen({ place, at }: Row, view: View): boolean {
  return place === view.place || at + view.lateness <= view.now;
}

function toSeenKey({ key, value, metadata, until }: Row, { now }: View): SeenKey | null {
  if (value === null || (until !== null && until <= now)) return null;
  return { key, value, metadata, until };
}
