import type { DurableObjectStorage, KVNamespacePutOptions } from "@cloudflare/workers-types";

/** Something that a gate remembers for a while. */
interface Row {
  /** Null: it was deleted. */
  readonly value: string | null;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds since the epoch when it is forgotten. */
  readonly until: number;
}

/** Row of the tombstone. No KV key and no digest has this name. */
const endedRow = "ended";

/** Row of an end that KV has not taken yet. */
const unfinishedRow = "unfinished";

/** Row of a write that KV has not taken yet. */
const postponedRow = "postponed";

/** A write to KV that is still to be done: the value is what is remembered under the key by then. */
export interface PostponedWrite {
  readonly key: string;
  readonly options?: KVNamespacePutOptions | undefined;
}

/**
 * What a gate remembers, each row for a time of its own. The rows are in the object's storage, which an
 * alarm empties; memory has a copy. Nothing is written before the first row.
 */
export class GateMemory {
  readonly #storage: DurableObjectStorage;
  #rows: Promise<Map<string, Row>> | undefined;
  /** Keys of rows that are not stored yet. */
  readonly #held = new Set<string>();
  /** When the first of the stored rows was due before something was held: the alarm comes then, or sooner. */
  #due = Number.POSITIVE_INFINITY;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** What is remembered under a key. */
  async read(key: string): Promise<Row | undefined> {
    const row = (await this.#load()).get(key);
    return row !== undefined && row.until > Date.now() ? row : undefined;
  }

  /** Remembers a value, or that there is none, and stores what is held. @param time for how many milliseconds. */
  async write(key: string, value: string | null, time: number): Promise<void> {
    await this.hold(key, value, time);
    await this.store();
  }

  /**
   * Remembers a value as `write` does, and leaves it to the next write, or to `store`, to store it. For what no
   * answer tells yet: if the object stops before, it never was.
   */
  async hold(key: string, value: string | null, time: number): Promise<void> {
    const rows = await this.#load();
    const at = Date.now();
    if (this.#held.size === 0) this.#due = findDue(rows);
    rows.set(key, { value, at, until: at + time });
    this.#held.add(key);
  }

  /** Stores what is held. */
  async store(): Promise<void> {
    const rows = await this.#load();
    const held = new Map([...rows].filter(([key]) => this.#held.has(key)));
    this.#held.clear();
    if (held.size === 0) return;
    const due = findDue(held);
    // Both without a pause between them: stored together, or not at all.
    const stored = this.#storage.put(Object.fromEntries(held));
    // An alarm that comes first is set already; one whose time is over may have failed.
    const isAlarmSet = this.#due > Date.now() && this.#due <= due;
    const alarm = isAlarmSet ? undefined : this.#storage.setAlarm(Math.min(this.#due, due));
    await Promise.all([stored, alarm]);
  }

  /** Forgets a key at once. */
  async forget(key: string): Promise<void> {
    this.#held.delete(key);
    if ((await this.#load()).delete(key)) await this.#storage.delete(key);
  }

  /** Has rows end that many milliseconds after they were written, unless they end before. */
  async shorten(
    isMeant: (key: string, value: string | null) => boolean,
    time: number,
  ): Promise<void> {
    const rows = await this.#load();
    for (const [key, row] of rows) {
      if (row.until <= row.at + time || !isMeant(key, row.value)) continue;
      const shortened = { ...row, until: row.at + time };
      rows.set(key, shortened);
      const stored = this.#storage.put(key, shortened);
      const alarm = this.#storage.setAlarm(findDue(rows));
      await Promise.all([stored, alarm]);
    }
  }

  async isEnded(): Promise<boolean> {
    return (await this.read(endedRow)) !== undefined;
  }

  /** Writes the tombstone, so that nothing late brings the grant back. @param time milliseconds. */
  end(time: number): Promise<void> {
    return this.write(endedRow, null, time);
  }

  /** Takes the tombstone away. */
  revive(): Promise<void> {
    return this.forget(endedRow);
  }

  /** Notes that the grant's records still have to be deleted. @param time milliseconds until the next try. */
  noteUnfinished(grant: string, time: number): Promise<void> {
    return this.write(unfinishedRow, grant, time);
  }

  /** The grant whose records still have to be deleted, also when the note is due. */
  async findUnfinished(): Promise<string | null> {
    return (await this.#load()).get(unfinishedRow)?.value ?? null;
  }

  /** The grant's records are deleted. */
  finish(): Promise<void> {
    return this.forget(unfinishedRow);
  }

  /**
   * Notes, as `hold` does, that what is remembered under a key still has to be written to KV.
   * @param time milliseconds until the next try.
   */
  postpone(write: PostponedWrite, time: number): Promise<void> {
    return this.hold(postponedRow, JSON.stringify(write), time);
  }

  /** The write that KV has not taken yet, also when it is due. */
  async findPostponed(): Promise<PostponedWrite | undefined> {
    const note = (await this.#load()).get(postponedRow)?.value;
    return note ? (JSON.parse(note) as PostponedWrite) : undefined;
  }

  /** KV has taken the write, or there is nothing left to write. */
  dropPostponed(): Promise<void> {
    return this.forget(postponedRow);
  }

  /** Remembered keys with this prefix that have a value, and those known to be deleted. */
  async list(prefix: string): Promise<{ readonly kept: string[]; readonly deleted: string[] }> {
    const now = Date.now();
    const rows = [...(await this.#load())].filter(
      ([key, { until }]) => key.startsWith(prefix) && until > now,
    );
    const pick = (isDeleted: boolean) =>
      rows.filter(([, { value }]) => (value === null) === isDeleted).map(([key]) => key);
    return { kept: pick(false), deleted: pick(true) };
  }

  /** Forgets what is due. The last row takes all storage with it. */
  async sweep(): Promise<void> {
    const rows = await this.#load();
    const now = Date.now();
    const due = [...rows].filter(([, { until }]) => until <= now).map(([key]) => key);
    for (const key of due) rows.delete(key);
    if (rows.size === 0) {
      await this.#storage.deleteAll();
      return;
    }
    for (const key of due) await this.#storage.delete(key);
    await this.#storage.setAlarm(findDue(rows));
  }

  #load(): Promise<Map<string, Row>> {
    this.#rows ??= this.#storage.list<Row>();
    return this.#rows;
  }
}

/** When the first of the rows is due. */
function findDue(rows: ReadonlyMap<string, Row>): number {
  return Math.min(...[...rows.values()].map(({ until }) => until));
}
