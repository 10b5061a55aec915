import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../env.ts";

/**
 * Records looked at in one batch. One costs two to seven KV operations: it is read, its client or grant
 * too, and a grant that goes is deleted with its tokens.
 */
const batchSize = 50;

/**
 * KV operations of a run after which no further batch begins: an invocation has 1,000 on every plan
 * (developers.cloudflare.com/kv/platform/limits), and the last batch takes some hundreds at most.
 */
const operationsPerRun = 500;

/** What a run did. */
export interface PurgeCounts {
  readonly grantsChecked: number;
  readonly grantsPurged: number;
  readonly tokensChecked: number;
  readonly tokensPurged: number;
  /** Whether everything was looked at; the next run then begins anew. */
  readonly done: boolean;
}

/** Where a run goes on, and where it notes how far it came. */
export interface PurgePlace {
  readonly cursor: string | undefined;
  /** Called after each batch. @returns whether to go on. */
  save(cursor: string | undefined): boolean;
}

/**
 * Removes what the OAuth library left behind: grants that ended or whose client is gone, tokens whose
 * grant is gone. Batch after batch, until everything was looked at or the run's KV operations are used
 * up. What merely expires goes by its lifetime in KV without this: that is all that previews have,
 * which have no cron, and it is how registrations go that no client used for 90 days.
 * @throws Error where KV fails; what was saved stays.
 */
export async function purge(
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
    const mayGoOn = place.save(cursor);
    if (batch.done) return { ...counts, done: true };
    if (!mayGoOn) break;
  }
  return { ...counts, done: false };
}

/** The same namespace, with the number of operations so far. */
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
