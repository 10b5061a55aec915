import type { SqlStorage } from "@cloudflare/workers-types";

/** Sessions of one person at once; the oldest makes room. */
const sessionLimit = 32;

/** The open sessions of one person, and which collections each of them watches. */
export class Listeners {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** @returns the sessions that have to end, as there are too many. They are forgotten here. */
  add(session: string): string[] {
    this.#sql.exec("INSERT OR REPLACE INTO sessions VALUES (?, ?)", session, Date.now());
    const surplus = this.#sql
      .exec<{ id: string }>(
        "SELECT id FROM sessions WHERE id <> ? ORDER BY opened_at DESC, id LIMIT -1 OFFSET ?",
        session,
        sessionLimit - 1,
      )
      .toArray()
      .map(({ id }) => id);
    for (const id of surplus) this.forget(id);
    return surplus;
  }

  forget(session: string): void {
    this.#sql.exec("DELETE FROM sessions WHERE id = ?", session);
    this.#sql.exec("DELETE FROM watchers WHERE session = ?", session);
  }

  watch(session: string, topic: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO watchers VALUES (?, ?)", session, topic);
  }

  unwatch(session: string, topic: string): void {
    this.#sql.exec("DELETE FROM watchers WHERE session = ? AND topic = ?", session, topic);
  }

  /** The sessions that watch a collection. */
  listWatchers(topic: string): string[] {
    return this.#sql
      .exec<{ session: string }>("SELECT session FROM watchers WHERE topic = ?", topic)
      .toArray()
      .map(({ session }) => session);
  }

  /** Takes everything out, to be put back into an emptied database. */
  save(): () => void {
    const sessions = [...this.#sql.exec("SELECT id, opened_at FROM sessions").raw()];
    const watchers = [...this.#sql.exec("SELECT session, topic FROM watchers").raw()];
    return () => {
      for (const row of sessions) this.#sql.exec("INSERT INTO sessions VALUES (?, ?)", ...row);
      for (const row of watchers) this.#sql.exec("INSERT INTO watchers VALUES (?, ?)", ...row);
    };
  }
}
