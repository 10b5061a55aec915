import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Records } from "./records.ts";

/**
 * Removes what was stored in namespaces and Durable Objects that are deleted: it may hold sign-ins,
 * and nothing can read it any more. To be called when no Worker uses it.
 */
export async function removeUnusedData(directory: string, records: Records): Promise<void> {
  const namespaces = new Set(records.namespaces.list().map(({ id }) => id));
  const objects = new Set(
    records.scripts
      .list()
      .flatMap(({ classes }) => Object.values(classes).map(({ namespaceId }) => namespaceId)),
  );
  await Promise.all([
    removeOthers(join(directory, "kv"), namespaces),
    removeOthers(join(directory, "do"), objects),
  ]);
}

/** The folders are named by ids of 32 hex digits; others are the runtime's own. */
async function removeOthers(folder: string, kept: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{32}$/.test(name) && !kept.has(name))
      .map((name) => rm(join(folder, name), { recursive: true, force: true })),
  );
}
