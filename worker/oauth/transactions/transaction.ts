import { DurableObject } from "cloudflare:workers";
import type { WorkerEnv } from "../../env.ts";

const recordKey = "record";

/**
 * One page that waits for a person's answer, or one visit to the server that signs people in: the OAuth
 * library's record of it, encrypted under a handle that only the browser has. Workers KV cannot give a
 * record to one of two requests only; here each method takes effect before another begins.
 */
export class Transaction extends DurableObject<WorkerEnv> {
  /** Keeps the record. @param lifetime seconds. */
  async begin(record: string, lifetime: number): Promise<void> {
    const { storage } = this.ctx;
    storage.kv.put(recordKey, record);
    await storage.setAlarm(Date.now() + lifetime * 1000);
  }

  /** The record, where it has been neither taken nor forgotten. */
  async read(): Promise<string | null> {
    return this.ctx.storage.kv.get<string>(recordKey) ?? null;
  }

  /** Takes the record away. @returns whether it was there: of two at once, one is told so. */
  async take(): Promise<boolean> {
    const wasThere = this.ctx.storage.kv.delete(recordKey);
    await this.#forget();
    return wasThere;
  }

  /** Its time is over. */
  override alarm(): Promise<void> {
    return this.#forget();
  }

  /** An object that stores nothing costs nothing, and is gone. */
  async #forget(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }
}
