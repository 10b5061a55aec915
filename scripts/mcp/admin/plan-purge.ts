import type { AdminServer } from "./open-server.ts";

/** Records looked at between two lines of progress. */
const batchSize = 1000;

/** How many records were looked at. */
export interface Checked {
  readonly grantsChecked: number;
  readonly tokensChecked: number;
}

/** Lets the library clean up over the noting KV, to the end: `server.kv.deleted` has then what is to go. */
export async function planPurge(
  { kv, purgeBatch }: AdminServer,
  onProgress: (line: string) => void = (line) => console.error(line),
): Promise<Checked> {
  // All clients at once: one read each would be a call each.
  await kv.list({ prefix: "client:" });
  await kv.list({ prefix: "grant:" });
  const total = { grantsChecked: 0, tokensChecked: 0 };
  let cursor: string | undefined;
  do {
    const batch = await purgeBatch({ batchSize, ...(cursor !== undefined && { cursor }) });
    total.grantsChecked += batch.grantsChecked;
    total.tokensChecked += batch.tokensChecked;
    cursor = batch.cursor;
    if (cursor !== undefined) {
      onProgress(
        `Looked at ${total.grantsChecked} grants and ${total.tokensChecked} access tokens …`,
      );
    }
  } while (cursor !== undefined);
  return total;
}
