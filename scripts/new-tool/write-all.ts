import { readFile, rm, writeFile } from "node:fs/promises";

export interface FileToWrite {
  readonly path: string;
  readonly text: string;
}

/**
 * Writes new files, and one that was there last. If one of them cannot be written, those before
 * are taken away again.
 */
export async function writeAll(added: readonly FileToWrite[], changed: FileToWrite): Promise<void> {
  const written: string[] = [];
  try {
    for (const { path, text } of added) {
      // Never over a file that came meanwhile.
      await writeFile(path, text, { flag: "wx" });
      written.push(path);
    }
    const before = await readFile(changed.path, "utf8");
    await writeFile(changed.path, changed.text).catch(async (error: unknown) => {
      await writeFile(changed.path, before).catch(() => undefined);
      throw error;
    });
  } catch (error) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw error;
  }
}
