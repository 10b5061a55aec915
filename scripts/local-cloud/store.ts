import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";

/** One change of a record, as it can be taken back. */
interface Undo {
  readonly kind: string;
  readonly id: string;
  readonly before: unknown;
}

/**
 * What the account consists of, in one SQLite file: records by kind and id, and bytes by their hash.
 * Reads come from memory. What `change` did is on disk when it returns; a process that is killed
 * leaves the file as it was after the last one.
 */
export class Store implements Disposable {
  readonly #database: DatabaseSync;
  readonly #records = new Map<string, Map<string, unknown>>();
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  #undo: Undo[] | undefined;
  #lastChange: readonly Undo[] = [];

  /** Opens or makes the file. */
  constructor(file: string) {
    mkdirSync(dirname(file), { recursive: true });
    this.#database = new DatabaseSync(file);
    // A killed process loses nothing in this mode: what was written lies with the system.
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS records (kind TEXT, id TEXT, json TEXT, PRIMARY KEY (kind, id));
      CREATE TABLE IF NOT EXISTS blobs (hash TEXT PRIMARY KEY, bytes BLOB);
    `);
    this.#put = this.#database.prepare(
      "INSERT INTO records VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json",
    );
    this.#remove = this.#database.prepare("DELETE FROM records WHERE kind = ? AND id = ?");
    const rows = this.#database.prepare("SELECT kind, id, json FROM records ORDER BY rowid").all();
    for (const { kind, id, json } of rows) {
      this.#of(String(kind)).set(String(id), JSON.parse(String(json)));
    }
  }

  /** All or nothing: a throw takes back what was done before it. Must not be asynchronous. */
  change<Result>(work: () => Result): Result {
    if (this.#undo !== undefined) return work();
    this.#undo = [];
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      this.#lastChange = this.#undo;
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      this.#swap(this.#undo);
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  /** Runs `read` with the records as they were before the last change. */
  readStale<Result>(read: () => Result): Result {
    const now = this.#swap(this.#lastChange);
    try {
      return read();
    } finally {
      this.#swap(now);
    }
  }

  /** Keeps bytes, once however often they come. @returns their SHA-256 in hex. */
  keepBytes(bytes: Uint8Array): string {
    const hash = createHash("sha256").update(bytes).digest("hex");
    this.#database.prepare("INSERT OR IGNORE INTO blobs VALUES (?, ?)").run(hash, bytes);
    return hash;
  }

  /** Bytes that were kept. */
  readBytes(hash: string): Uint8Array<ArrayBuffer> {
    const row = this.#database.prepare("SELECT bytes FROM blobs WHERE hash = ?").get(hash);
    if (!(row?.bytes instanceof Uint8Array)) throw new Error(`The store has no bytes ${hash}.`);
    return new Uint8Array(row.bytes);
  }

  /** Forgets bytes that nothing refers to. */
  sweepBytes(used: ReadonlySet<string>): void {
    const remove = this.#database.prepare("DELETE FROM blobs WHERE hash = ?");
    for (const { hash } of this.#database.prepare("SELECT hash FROM blobs").all()) {
      if (!used.has(String(hash))) remove.run(String(hash));
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** @internal for `Collection` */
  values(kind: string): IterableIterator<unknown> {
    return this.#of(kind).values();
  }

  /** @internal for `Collection` */
  get(kind: string, id: string): unknown {
    return this.#of(kind).get(id);
  }

  /** @internal for `Collection` */
  set(kind: string, id: string, value: unknown): void {
    this.change(() => {
      this.#undo?.push({ kind, id, before: this.#of(kind).get(id) });
      this.#set(kind, id, value);
      if (value === undefined) this.#remove.run(kind, id);
      else this.#put.run(kind, id, JSON.stringify(value));
    });
  }

  #of(kind: string): Map<string, unknown> {
    let records = this.#records.get(kind);
    if (records === undefined) {
      records = new Map();
      this.#records.set(kind, records);
    }
    return records;
  }

  #set(kind: string, id: string, value: unknown): void {
    if (value === undefined) this.#of(kind).delete(id);
    else this.#of(kind).set(id, value);
  }

  /** Puts earlier values in place. @returns what takes it back. */
  #swap(undo: readonly Undo[]): Undo[] {
    const back: Undo[] = [];
    for (const { kind, id, before } of undo.toReversed()) {
      back.push({ kind, id, before: this.#of(kind).get(id) });
      this.#set(kind, id, before);
    }
    return back;
  }
}

/** The records of one kind. A record is never changed in place: `put` takes a new one. */
export class Collection<Value> {
  readonly #store: Store;
  readonly #kind: string;
  readonly #toId: (value: Value) => string;

  constructor(store: Store, kind: string, toId: (value: Value) => string) {
    this.#store = store;
    this.#kind = kind;
    this.#toId = toId;
  }

  get(id: string): Value | undefined {
    return this.#store.get(this.#kind, id) as Value | undefined;
  }

  /** In the order in which they came first. */
  list(isWanted: (value: Value) => boolean = () => true): Value[] {
    return [...(this.#store.values(this.#kind) as IterableIterator<Value>)].filter(isWanted);
  }

  put(value: Value): Value {
    this.#store.set(this.#kind, this.#toId(value), value);
    return value;
  }

  delete(value: Value): void {
    this.#store.set(this.#kind, this.#toId(value), undefined);
  }
}
