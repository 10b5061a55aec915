import { DurableObject } from "cloudflare:workers";
import { readSettings, type WorkerEnv } from "../env.ts";
import { logEvent } from "../log.ts";
import { findSession } from "../mcp/session-stubs.ts";
import { CursorSigner } from "./cursor.ts";
import { Entries, type Written } from "./entries.ts";
import { Facts } from "./facts.ts";
import { Listeners } from "./listeners.ts";
import { migrate } from "./migrations.ts";
import type { ListOptions } from "./person-storage.ts";
import type { StorageProblem, StoredPage, StoredRow } from "./stored-row.ts";

/** The most entries of a page, and the default. */
const largestPage = 10_000;
const usualPage = 100;

/** The most entries and bytes of a page of an export. */
const exportPage = { entries: 500, bytes: 262_144 };

/** Share of the idle time after which an access is noted again: each note is a write. */
const touchShare = 0.05;

/** An open database: its tables, and what memory holds of it. */
interface Database {
  readonly entries: Entries;
  readonly facts: Facts;
  readonly listeners: Listeners;
  readonly cursors: CursorSigner;
  /** Milliseconds since the epoch of the last use that was noted. */
  touchedAt: number;
}

/**
 * What one person keeps, in a SQLite database of their own. The object is named by the person's
 * opaque id. It removes everything if nobody uses it for the time that the settings name.
 */
export class PersonState extends DurableObject<WorkerEnv> {
  /** Bytes a person may keep. */
  readonly #limit: number;
  /** Milliseconds without use after which everything is removed. */
  readonly #idleTime: number;
  #database: Database | undefined;

  constructor(ctx: DurableObject["ctx"], env: WorkerEnv) {
    super(ctx, env);
    const { dataLimit, idleLifetime } = readSettings(env).people;
    this.#limit = dataLimit;
    this.#idleTime = idleLifetime * 1000;
  }

  async read(collection: string, key: string): Promise<StoredRow | undefined> {
    const { entries } = await this.#use();
    return entries.read(collection, key);
  }

  async write(collection: string, key: string, value: string): Promise<Written | StorageProblem> {
    const { entries } = await this.#use();
    const result = this.#change(() => entries.put(collection, key, value));
    if (!("problem" in result)) this.#announce(collection);
    return result;
  }

  async remove(collection: string, key: string): Promise<boolean> {
    const { entries } = await this.#use();
    const isRemoved = this.#change(() => entries.delete(collection, key));
    if (isRemoved) this.#announce(collection);
    return isRemoved;
  }

  async append(collection: string, value: string, keep: number): Promise<Written | StorageProblem> {
    const { entries } = await this.#use();
    const result = this.#change(() => entries.append(collection, value, keep));
    if (!("problem" in result)) this.#announce(collection);
    return result;
  }

  async list(collection: string, options: ListOptions): Promise<StoredPage | StorageProblem> {
    const { entries, cursors } = await this.#use();
    const { prefix = "", cursor, isReversed = false } = options;
    const limit = Math.min(Math.max(options.limit ?? usualPage, 1), largestPage);
    const name = JSON.stringify(["list", collection, prefix, isReversed]);
    const position = cursor === undefined ? [] : await cursors.read(name, cursor);
    if (position === undefined) return foreignCursor;
    const [after] = position;
    const filter = { collection, prefix, after, isReversed, limit: limit + 1 };
    return toPage(entries.list(filter), limit, ({ key }) => cursors.sign(name, [key]));
  }

  /** Everything, page by page. */
  async exportPage(cursor?: string): Promise<StoredPage | StorageProblem> {
    const { entries, cursors } = await this.#use();
    const name = "export";
    const position = cursor === undefined ? [] : await cursors.read(name, cursor);
    if (position === undefined) return foreignCursor;
    const [collection = "", key = ""] = position;
    const rows = entries.listAll(collection, key, exportPage.entries + 1);
    const limit = Math.min(exportPage.entries, countWithin(rows, exportPage.bytes));
    return toPage(rows, limit, (row) => cursors.sign(name, [row.collection, row.key]));
  }

  /** Deletes everything the person keeps; open sessions stay. @returns how many entries there were. */
  async clear(): Promise<number> {
    const { entries, listeners } = await this.#use();
    const counts = entries.count();
    const putBack = listeners.save();
    // Not DELETE, which leaves deleted data in free pages of the file.
    await this.ctx.storage.deleteAll();
    this.#database = undefined;
    await this.#use();
    putBack();
    for (const { collection } of counts) this.#announce(collection);
    return counts.reduce((sum, { entries: count }) => sum + count, 0);
  }

  /** Adds a session of this person, or notes that it is in use. Over the limit, the oldest is ended. */
  async addSession(id: string, client: string, grantId: string): Promise<void> {
    const { listeners } = await this.#use();
    for (const old of listeners.add(id, client, grantId)) this.ctx.waitUntil(this.#end(old));
  }

  /** Ends the sessions of a grant that was ended. This does not count as a use by the person. */
  async endSessions(grantId: string): Promise<void> {
    // For a person who never came nothing is stored, and this stores nothing either.
    if ((await this.ctx.storage.getAlarm()) === null) return;
    const sessions = this.#open().listeners.listOfGrant(grantId);
    await Promise.all(sessions.map((session) => this.#end(session)));
  }

  /** Forgets a session that ended. */
  async removeSession(id: string): Promise<void> {
    const { listeners } = await this.#use();
    listeners.forget(id);
  }

  /** Tells a session of every change of a collection from now on. */
  async watch(id: string, topic: string): Promise<void> {
    const { listeners } = await this.#use();
    listeners.watch(id, topic);
  }

  /** The reverse of `watch`. */
  async unwatch(id: string, topic: string): Promise<void> {
    const { listeners } = await this.#use();
    listeners.unwatch(id, topic);
  }

  /** Removes everything if nobody came for so long. */
  override async alarm(): Promise<void> {
    const idleSince = this.#open().touchedAt;
    const dueAt = idleSince + this.#idleTime;
    if (dueAt > Date.now()) {
      await this.ctx.storage.setAlarm(dueAt);
      return;
    }
    await this.ctx.storage.deleteAll();
    this.#database = undefined;
    logEvent("person-removed", { idleDays: Math.floor((Date.now() - idleSince) / 86_400_000) });
  }

  /** Every access comes through here, so that the use is noted. */
  async #use(): Promise<Database> {
    const database = this.#open();
    const now = Date.now();
    const { touchedAt } = database;
    // A clock that went back counts as a new use, too.
    const isFresh = now >= touchedAt && now - touchedAt < this.#idleTime * touchShare;
    if (isFresh) return database;
    database.touchedAt = now;
    database.facts.write("touched_at", now);
    await this.ctx.storage.setAlarm(now + this.#idleTime);
    return database;
  }

  /** The database at its newest version. */
  #open(): Database {
    if (this.#database !== undefined) return this.#database;
    const { sql } = this.ctx.storage;
    this.#change(() => migrate(sql));
    const facts = new Facts(sql);
    this.#database = {
      facts,
      entries: new Entries(sql, facts, this.#limit),
      listeners: new Listeners(sql),
      cursors: new CursorSigner(() => facts.readSecret("cursor_secret")),
      touchedAt: facts.readNumber("touched_at"),
    };
    return this.#database;
  }

  /** All of it, or nothing. */
  #change<Result>(work: () => Result): Result {
    let result: Result | undefined;
    try {
      return this.ctx.storage.transactionSync(() => {
        result = work();
        if (isProblem(result)) throw undone;
        return result;
      });
    } catch (error) {
      if (error !== undone) throw error;
      return result as Result;
    }
  }

  /** Tells those who watch a collection. Nobody waits for it. */
  #announce(topic: string): void {
    for (const session of this.#open().listeners.listWatchers(topic)) {
      this.ctx.waitUntil(this.#tell(session, topic));
    }
  }

  async #end(session: string): Promise<void> {
    await findSession(this.env, session)?.end();
  }

  /** A session without a stream is not told again; one that is gone is forgotten. */
  async #tell(session: string, topic: string): Promise<void> {
    const heard = await findSession(this.env, session)?.notify(topic);
    if (heard === "asleep") this.#open().listeners.unwatch(session, topic);
    if (heard === "gone") this.#open().listeners.forget(session);
  }
}

/** Thrown to undo what was done before a problem came up. */
const undone = new Error("undone");

function isProblem(result: unknown): boolean {
  return typeof result === "object" && result !== null && "problem" in result;
}

const foreignCursor: StorageProblem = {
  problem:
    "This cursor is too old, or was not made for this list and this person. Start without a cursor.",
};

/** How many of the rows fit into so many bytes; at least one, however large. */
function countWithin(rows: readonly StoredRow[], bytes: number): number {
  let sum = 0;
  const over = rows.findIndex(({ key, value }) => {
    sum += key.length + value.length;
    return sum > bytes;
  });
  return over === -1 ? rows.length : Math.max(over, 1);
}

/** @param rows one more than the page has, if there is a next page. */
async function toPage(
  rows: StoredRow[],
  limit: number,
  sign: (last: StoredRow) => Promise<string>,
): Promise<StoredPage> {
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  if (rows.length <= limit || last === undefined) return { entries, cursor: undefined };
  return { entries, cursor: await sign(last) };
}
