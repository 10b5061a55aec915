import type { DeclaredStack } from "../stack/declared.ts";
import { collect, type Explorer } from "../stack/explore.ts";

/** Deletes at a time. */
const batchSize = 8;

/**
 * Empties the buckets of a stack: Cloudflare refuses to delete one with objects in it (10008).
 * @throws Refusal, UserError as the explorer: a second run goes on with what is left.
 */
export async function emptyBuckets(
  { accountId: account_id, find, ask }: Explorer,
  { buckets }: DeclaredStack,
  onProgress: (what: string) => void,
): Promise<void> {
  for (const { name: bucket_name } of buckets) {
    // One that somebody has deleted has none.
    const objects =
      (await find("r2", (client) =>
        collect(client.r2.buckets.objects.list(bucket_name, { account_id })),
      )) ?? [];
    const keys = objects.flatMap(({ key }) => key ?? []);
    for (let done = 0; done < keys.length; done += batchSize) {
      onProgress(`emptying ${bucket_name}: ${done} of ${keys.length} objects`);
      const some = keys.slice(done, done + batchSize);
      await ask("r2", (client) =>
        Promise.all(
          some.map((key) => client.r2.buckets.objects.delete(key, { account_id, bucket_name })),
        ),
      );
    }
  }
}
