import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";

const key = "transaction";

/** The name of a row before the end of its time: each says when one of many things stops to count anyway. */
const usedUp = "used:";

/** Rows that are looked at together. Anybody may cause some, and an isolate has 128 MB. */
const mostRows = 1000;

/** Milliseconds between two alarms at least, unless there is more to forget. */
const pause = 60_000;

/** The stored row. */
interface Kept {
  readonly record: string;
  /** Milliseconds since the epoch. An alarm may come late. */
  readonly until: number;
}

/**
 * One visit to the server that signs people in: the OAuth library's record of it, encrypted under a handle that
 * only the browser has. Or one assertion that was used, or the consent pages of one location that were answered.
 * Workers KV cannot give something to only one of two requests; here each method takes effect before another
 * begins.
 */
export class Transaction extends DurableObject<WorkerEnv> {
  /** Keeps the record. @param lifetime seconds. */
  async begin(record: string, lifetime: number): Promise<void> {
    const { storage } = this.ctx;
    const until = Date.now() + lifetime * 1000;
    storage.kv.put<Kept>(key, { record, until });
    await storage.setAlarm(until);
  }

  /** The record, if it has been neither taken nor forgotten. */
  async read(): Promise<string | null> {
    const kept = this.ctx.storage.kv.get<Kept>(key);
    return kept !== undefined && kept.until > Date.now() ? kept.record : null;
  }

  /** Takes the record away. @returns whether it was there: of two at once, only one gets true. */
  async take(): Promise<boolean> {
    // The alarm does the rest, because a person waits for this answer.
    return this.ctx.storage.kv.delete(key);
  }

  /**
   * Notes that the id after which the object is named was used: an assertion's (RFC 7523 section 3).
   * @param lifetime seconds for which a second use is noticed.
   * @returns whether this was the first use: of two at once, only one gets true.
   */
  async useOnce(lifetime: number): Promise<boolean> {
    if ((await this.read()) !== null) return false;
    await this.begin("used", lifetime);
    return true;
  }

  /**
   * Uses up one of many things. An object for each would have to be created each time, which takes longer than all
   * the rest of an answer.
   * @param name of it. @param until milliseconds since the epoch until which it counts.
   * @returns whether it still counted and nobody used it before: of two at once, one is told so.
   */
  async useUp(name: string, until: number): Promise<boolean> {
    const { storage } = this.ctx;
    // Thirteen digits until the year 2286: rows are in the order in which they are forgotten.
    const row = `${usedUp}${until}:${name}`;
    if (until <= Date.now() || storage.kv.get<number>(row) !== undefined) return false;
    storage.kv.put<number>(row, until);
    if ((await storage.getAlarm()) === null) await storage.setAlarm(until);
    return true;
  }

  /** Forgets what counts no more. An object that stores nothing costs nothing, and is gone. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    const now = Date.now();
    let looked = 0;
    for (const [row, until] of [...storage.kv.list<number>({ prefix: usedUp, limit: mostRows })]) {
      if (until > now) return storage.setAlarm(Math.max(until, now + pause));
      storage.kv.delete(row);
      looked += 1;
    }
    if (looked === mostRows) return storage.setAlarm(now);
    await storage.deleteAll();
  }
}
