import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Files under a folder in which one of the texts stands in clear: KV values, Durable Objects, their journals. */
export async function findInFiles(folder: string, texts: readonly string[]): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  if (files.length === 0) throw new Error(`Nothing is stored in ${folder}.`);
  const found = await Promise.all(
    files.map(async ({ parentPath, name }) => {
      const bytes = await readFile(join(parentPath, name));
      return texts.some((text) => bytes.includes(text)) ? [join(parentPath, name)] : [];
    }),
  );
  return found.flat();
}
