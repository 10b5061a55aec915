import type { OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import type { KVNamespace } from "@cloudflare/workers-types";
import type { WorkerEnv } from "../env.ts";

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

/** The result of a run. */
export interface PurgeCounts {
  readonly grantsChecked: number;
  readonly grantsPurged: number;
  readonly tokensChecked: number;
  readonly tokensPurged: number;
  /** Whether everything was looked at; the next run then starts from the beginning. */
  readonly done: boolean;
}

/** Where a run continues, and where it notes how far it has come. */
export interface PurgePlace {
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
