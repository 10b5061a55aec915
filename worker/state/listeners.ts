import type { SqlStorage } from "@cloudflare/workers-types";

/** The most simultaneous sessions of one client of a person, and of all their clients; the oldest makes room. */
const sessionLimit = { client: 32, person: 256 };

/** The open sessions of one person, and which collections each of them watches. */
export class Listeners {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /**
   * Adds a session, or notes that it is in use.
   * @returns the sessions that have to end because there are too many. They are removed here.
   */
  add(session: string, client: string, grantId: string): string[] {
    const now = Date.now();
    const row = [session, client, now, grantId];
    this.#sql.exec("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)", ...row);
    const surplus = this.#sql
      .exec<{ id: string }>(
        `SELECT id FROM (
           SELECT id,
             row_number() OVER (PARTITION BY client ORDER BY id = ? DESC, used_at DESC) AS of_client,
             row_number() OVER (ORDER BY id = ? DESC, used_at DESC) AS of_person
           FROM sessions
         ) WHERE of_client > ? OR of_person > ?`,
        session,
        session,
        sessionLimit.client,
        sessionLimit.person,
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

  /** The sessions that were opened, or last used, with a token of a grant. */
  listOfGrant(grantId: string): string[] {
    return this.#sql
      .exec<{ id: string }>("SELECT id FROM sessions WHERE grant_id = ?", grantId)
      .toArray()
      .map(({ id }) => id);
  }

  /** The sessions that watch a collection. */
  listWatchers(topic: string): string[] {
    return this.#sql
      .exec<{ session: string }>("SELECT session FROM watchers WHERE topic = ?", topic)
      .toArray()
      .map(({ session }) => session);
  }

  /** Reads everything, to be put back into an emptied database. */
  save(): () => void {
    const sessions = [
      ...this.#sql.exec("SELECT id, client, used_at, grant_id FROM sessions").raw(),
    ];
    const watchers = [...this.#sql.exec("SELECT session, topic FROM watchers").raw()];
    return () => {
      for (const row of sessions)
        this.#sql.exec("INSERT INTO sessions VALUES (?, ?, ?, ?)", ...row);
      for (const row of watchers) this.#sql.exec("INSERT INTO watchers VALUES (?, ?)", ...row);
    };
  }
}
