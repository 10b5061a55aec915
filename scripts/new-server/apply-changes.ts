import { mkdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readText } from "../stack-file/project.ts";

/** A file that is written or removed. */
export interface FileChange {
  /** From the top of the checkout, with `/`. */
  readonly path: string;
  /** Its new text. Undefined: the file is removed. */
  readonly text: string | undefined;
}

/**
 * Makes all of the changes, then what comes after them, or nothing: when something fails, every file is
 * as it was, and the error is thrown on. Interruptions wait until it is one or the other.
 * @param root top of the checkout.
 * @param after for what can only be made from the new files.
 * @param touched further files that `after` may write.
 */
export async function applyChanges(
  root: string,
  changes: readonly FileChange[],
  after: () => Promise<void> = async () => {},
  touched: readonly string[] = [],
): Promise<void> {
  const paths = [...changes.map(({ path }) => path), ...touched];
  const before = await Promise.all(
    paths.map(async (path) => [path, await read(root, path)] as const),
  );
  const wait = () => {};
  for (const signal of signals) process.on(signal, wait);
  try {
    for (const { path, text } of changes) {
      if (text === undefined) await remove(root, path);
      else await write(root, path, text);
    }
    await after();
  } catch (error) {
    for (const [path, content] of before) {
      if (content === undefined) await remove(root, path);
      else await write(root, path, content);
    }
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, wait);
  }
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The bytes of a file; undefined: there is none. Pictures are not text. */
async function read(root: string, path: string): Promise<Buffer | undefined> {
  return (await readText(join(root, path))) === undefined ? undefined : readFile(join(root, path));
}

async function write(root: string, path: string, content: string | Buffer): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), content);
}

/** Removes a file, and the folders that are empty then. */
async function remove(root: string, path: string): Promise<void> {
  await rm(join(root, path), { force: true });
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    const isGone = await rmdir(join(root, folder)).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}
