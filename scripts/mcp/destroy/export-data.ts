import { mkdir, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { UserError } from "../../errors.ts";
import { mostRead } from "../admin/account-kv.ts";
import { collect, type Explorer } from "../stack/explore.ts";
import { toFileName } from "../stack/short-name.ts";
import { exportEncrypted } from "../stack/state.ts";

/** Only the person who exports may read it: who has it could try the hashes, and knows who was a client. */
const fileMode = 0o600;
const folderMode = 0o700;

export const exportFiles = { kv: "kv.json", stack: "stack.json" } as const;

/** A key as `wrangler kv bulk put` takes it. */
export interface ExportedKey {
  readonly key: string;
  readonly value: string;
  /** Whether the value is in base64: it is not text. */
  readonly base64?: true;
  /** Seconds since the epoch. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

const values = z.record(
  z.string(),
  z.object({ value: z.string(), metadata: z.unknown() }).nullable(),
);

/** Replaces bytes that are not UTF-8. */
const replacement = "\u{fffd}";

/**
 * Makes the folder of one export, in the one that was named: a run that is repeated overwrites nothing.
 * @returns its path.
 * @throws UserError if it cannot be made.
 */
export function makeExportFolder(parent: string, stack: string): Promise<string> {
  const folder = join(
    parent,
    `${toFileName(stack)}-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`,
  );
  return explainWrite(async () => {
    await mkdir(folder, { recursive: true, mode: folderMode });
    return folder;
  });
}

/**
 * Writes every key of a KV namespace, one a line of a JSON list, as `wrangler kv bulk put` takes it back.
 * @returns how many.
 * @throws UserError if a file cannot be written or the API fails.
 */
export function exportNamespace(
  explorer: Explorer,
  namespaceId: string,
  folder: string,
  onProgress: (what: string) => void,
): Promise<number> {
  return explainWrite(() => writeKeys(explorer, namespaceId, folder, onProgress));
}

async function writeKeys(
  explorer: Explorer,
  namespaceId: string,
  folder: string,
  onProgress: (what: string) => void,
): Promise<number> {
  const { accountId: account_id, ask, find } = explorer;
  // One that somebody has deleted has none.
  const listed =
    (await find("kv", (client) =>
      collect(client.kv.namespaces.keys.list(namespaceId, { account_id, limit: 1000 })),
    )) ?? [];
  const expirations = new Map(listed.map(({ name, expiration }) => [name, expiration]));
  const names = [...expirations.keys()];
  await using file = await open(join(folder, exportFiles.kv), "wx", fileMode);
  let written = 0;
  for (let done = 0; done < names.length; done += mostRead) {
    onProgress(`exporting: ${done} of ${names.length} keys`);
    const keys = names.slice(done, done + mostRead);
    const found = await ask("kv", async (client) => {
      const query = { account_id, keys, type: "text", withMetadata: true } as const;
      return values.parse((await client.kv.namespaces.bulkGet(namespaceId, query))?.values ?? {});
    });
    for (const key of keys) {
      const entry = found[key];
      // It has expired since it was listed.
      if (entry === null || entry === undefined) continue;
      const isText = !entry.value.includes(replacement);
      const expiration = expirations.get(key);
      const line: ExportedKey = {
        key,
        ...(isText ? { value: entry.value } : await readBytes(explorer, namespaceId, key)),
        ...(expiration !== undefined && { expiration }),
        ...(entry.metadata != null && { metadata: entry.metadata }),
      };
      await file.write(`${written === 0 ? "[" : ","}\n${JSON.stringify(line)}`);
      written += 1;
    }
  }
  await file.write(written === 0 ? "[]\n" : "\n]\n");
  // What follows deletes the original.
  await file.sync();
  return written;
}

/** Writes the stack's state; its secrets stay encrypted. */
export async function exportState(stack: string, folder: string): Promise<void> {
  const state = await exportEncrypted(stack);
  const file = join(folder, exportFiles.stack);
  const text = `${JSON.stringify(state, null, 2)}\n`;
  await explainWrite(() => writeFile(file, text, { mode: fileMode, flag: "wx" }));
}

/** A value that is not text. */
async function readBytes(
  { accountId: account_id, ask }: Explorer,
  namespace_id: string,
  key: string,
): Promise<Pick<ExportedKey, "value" | "base64">> {
  const bytes = await ask("kv", async (client) => {
    const response = await client.kv.namespaces.values.get(key, { account_id, namespace_id });
    return Buffer.from(await response.arrayBuffer());
  });
  return { value: bytes.toString("base64"), base64: true };
}

/** @throws UserError if the disk refuses. */
async function explainWrite<Result>(write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const isOfDisk = error instanceof Error && "syscall" in error;
    if (!isOfDisk) throw error;
    throw new UserError(`--export: ${error.message}. Nothing was deleted.`);
  }
}
