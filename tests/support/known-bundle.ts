import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bundleFolder, bundleWorker } from "../../infra/bundle.ts";

/** Files of a bundle by name. */
type Files = ReadonlyMap<string, Uint8Array>;

/** Those of the fixture's Worker, as copies of the project have them that nobody has edited, by kind of copy. */
const known = new Map<string, Promise<Files>>();

/**
 * Gives a copy of the project whose server is the fixture's the bundle of its Worker, made once for all tests of a
 * process. Commands there take it while its sources are what it was made of, and make one after an edit.
 * @param copy top of the copy, as it was made.
 * @param kind copies of one kind are the same in each file.
 */
export async function lendBundle(copy: string, kind: string): Promise<void> {
  const files = known.get(kind) ?? bundleFirst(copy);
  known.set(kind, files);
  const folder = join(copy, bundleFolder);
  await mkdir(folder, { recursive: true });
  for (const [name, contents] of await files) await writeFile(join(folder, name), contents);
}

async function bundleFirst(copy: string): Promise<Files> {
  // Of sources that were written a moment before, nothing would be noted.
  await sleep(100);
  await bundleWorker({ root: copy });
  const folder = join(copy, bundleFolder);
  const files = (await readdir(folder)).map(
    async (name) => [name, await readFile(join(folder, name))] as const,
  );
  return new Map(await Promise.all(files));
}
