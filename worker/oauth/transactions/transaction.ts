import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";

const key = "transaction";

/** Before the name of one of many things that were used up. */
const usedUp = "used:";

/** Milliseconds between two alarms at least, where many things are forgotten one after the other. */
const pause = 60_000;

/** What is kept of one. */
interface Kept {
  readonly record: string;
  /** Milliseconds since the epoch. An alarm may come late. */
  readonly until: number;
}

/**
 * One visit to the server that signs people in: the OAuth library's record of it, encrypted under a handle that
 * only the browser has. Or one assertion that was used, or the consent pages of one location that were answered.
 * Workers KV cannot give something to one of two requests only; here each method takes effect before another
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
   * Uses up one of many things. One object for each would be made anew for each, which takes longer than all the
   * rest of an answer.
   * @param name of it. @param until milliseconds since the epoch until which it counts.
   * @returns whether it still counted and nobody used it before: of two at once, one is told so.
   */
  async useUp(name: string, until: number): Promise<boolean> {
    const { storage } = this.ctx;
    const row = usedUp + name;
    if (until <= Date.now() || storage.kv.get<number>(row) !== undefined) return false;
    storage.kv.put<number>(row, until);
    if ((await storage.getAlarm()) === null) await storage.setAlarm(until);
    return true;
  }

  /** Forgets what counts no more. An object that stores nothing costs nothing, and is gone. */
  override async alarm(): Promise<void> {
    const { storage } = this.ctx;
    const now = Date.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [row, until] of [...storage.kv.list<number>({ prefix: usedUp })]) {
      if (until <= now) storage.kv.delete(row);
      else next = Math.min(next, until);
    }
    if (next === Number.POSITIVE_INFINITY) return storage.deleteAll();
    await storage.setAlarm(Math.max(next, now + pause));
  }
}
