import { DurableObject } from "cloudflare:workers";
import type { DurableObjectNamespace } from "@cloudflare/workers-types";
import { readSettings, type WorkerEnv } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { purge } from "./purge.ts";

/** Milliseconds after which a run that has not ended is taken for dead: Cloudflare gives one 15 minutes. */
const longestRun = 900_000;

/** KV key under which a version before this one kept its place. */
const formerCursorKey = "purge-cursor";

/** A run at work. */
interface Lease {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** The object's stored state. It is small, and not in KV, whose writes are scarce (1,000 a day on the free plan). */
const stored = { lease: "lease", cursor: "cursor", isTidied: "is-tidied" } as const;

/** Runs the clean-up: the one object of its class, so never twice at once. */
export class PurgeRun extends DurableObject<WorkerEnv> {
  /** Does one run's share. Failures are logged, and the next run tries again. */
  async run(): Promise<void> {
    const { kv } = this.ctx.storage;
    const running = kv.get<Lease>(stored.lease);
    const now = Date.now();
    if (running !== undefined && now < running.since + longestRun) {
      logEvent("purge-skipped", {
        reason: "another run is at work",
        runningMs: now - running.since,
      });
      return;
    }
    const lease: Lease = { id: crypto.randomUUID(), since: now };
    kv.put(stored.lease, lease);
    const isMine = () => kv.get<Lease>(stored.lease)?.id === lease.id;
    try {
      await this.#removeFormerCursor();
      const server = createAuthorizationServer(readSettings(this.env));
      const counts = await purge(server, this.env, {
        cursor: kv.get<string>(stored.cursor),
        save: (cursor) => {
          // A run that was taken for dead must not move the place of its successor.
          if (!isMine()) return false;
          if (cursor === undefined) kv.delete(stored.cursor);
          else kv.put(stored.cursor, cursor);
          return true;
        },
      });
      logEvent("purge", { ...counts, durationMs: Date.now() - now });
    } catch (error) {
      logFailure("purge-failure", error);
    } finally {
      if (isMine()) kv.delete(stored.lease);
    }
  }

  async #removeFormerCursor(): Promise<void> {
    const { kv } = this.ctx.storage;
    if (kv.get<boolean>(stored.isTidied) === true) return;
    await this.env.OAUTH_KV.delete(formerCursorKey);
    kv.put(stored.isTidied, true);
  }
}

/** Has the one object do a run's share. A cron handler has nobody to tell, so a failure is logged. */
export async function runPurge({ PURGE }: WorkerEnv): Promise<void> {
  const runs = PURGE as unknown as DurableObjectNamespace<PurgeRun>;
  try {
    await runs.get(runs.idFromName("purge")).run();
  } catch (error) {
    logFailure("purge-failure", error);
  }
}
