import { DurableObject } from "cloudflare:workers";
import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types";
import { readSettings, type WorkerEnv } from "../env.ts";
import { logEvent, logFailure } from "../log.ts";
import { createAuthorizationServer } from "./authorization-server.ts";

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
      const counts = await removeExpired(server, this.env, {
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

/**
 * Records looked at in one batch. Each costs two to seven KV operations: the record is read, and so is its
 * client or grant, and an ended grant is deleted with its tokens.
 */
const batchSize = 50;

/**
 * KV operations of a run after which no further batch begins: an invocation has 1,000 on every plan
 * (developers.cloudflare.com/kv/platform/limits), and the last batch takes some hundreds at most.
 */
const operationsPerRun = 500;

interface PurgeCounts {
  readonly grantsChecked: number;
  readonly grantsPurged: number;
  readonly tokensChecked: number;
  readonly tokensPurged: number;
  /** Whether everything was looked at; the next run then starts from the beginning. */
  readonly done: boolean;
}

/** Where a run continues, and where it notes how far it has come. */
interface PurgePlace {
  readonly cursor: string | undefined;
  /** Called after each batch. @returns whether to continue. */
  save(cursor: string | undefined): boolean;
}

/**
 * Removes what the OAuth library left behind: grants that ended or whose client is gone, tokens whose grant is
 * gone. It works batch by batch, until everything was looked at or the run's KV operations are used up. Records
 * that merely expire vanish from KV without this. Previews, which have no cron, rely on that alone, and so do
 * registrations that no client has used for 90 days.
 * @throws Error if KV fails; saved progress stays.
 */
async function removeExpired(
  server: OAuthAuthorizationServer<WorkerEnv>,
  env: WorkerEnv,
  place: PurgePlace,
): Promise<PurgeCounts> {
  const { kv, count } = countOperations(env.OAUTH_KV);
  const counts = { grantsChecked: 0, grantsPurged: 0, tokensChecked: 0, tokensPurged: 0 };
  let { cursor } = place;
  while (count() < operationsPerRun) {
    const batch = await server.purgeExpiredData(
      { ...env, OAUTH_KV: kv },
      { batchSize, ...(cursor !== undefined && { cursor }) },
    );
    counts.grantsChecked += batch.grantsChecked;
    counts.grantsPurged += batch.grantsPurged;
    counts.tokensChecked += batch.tokensChecked;
    counts.tokensPurged += batch.tokensPurged;
    cursor = batch.done ? undefined : batch.cursor;
    const mayContinue = place.save(cursor);
    if (batch.done) return { ...counts, done: true };
    if (!mayContinue) break;
  }
  return { ...counts, done: false };
}

/** The same namespace, which counts its operations. */
function countOperations(namespace: KVNamespace): { kv: KVNamespace; count(): number } {
  let operations = 0;
  const kv = new Proxy(namespace, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        operations++;
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { kv, count: () => operations };
}
