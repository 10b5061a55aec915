import { chmod, mkdir } from "node:fs/promises";

/**
 * Makes a folder, if it is missing, and closes it to other people of this machine: what lies in it
 * signs people in. A folder that an earlier version left open is closed, too.
 */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o700);
}
