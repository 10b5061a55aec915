import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";

const key = "transaction";

/** The stored row. */
interface Kept {
  readonly record: string;
  /** Milliseconds since the epoch. An alarm may come late. */
  readonly until: number;
}

/**
 * One page that waits for a person's answer, or one visit to the server that signs people in: the OAuth
 * library's record of it, encrypted under a handle that only the browser has. Or one assertion that was used.
 * Workers KV cannot give a record to only one of two requests; here each method takes effect before another
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

  /** The record has expired. An object that stores nothing costs nothing, and is gone. */
  override alarm(): Promise<void> {
    return this.ctx.storage.deleteAll();
  }
}
