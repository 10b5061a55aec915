import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Puts a program into a folder, under the name by which the engine looks for it. @param main its module. */
export async function installProgram(folder: string, name: string, main: string): Promise<void> {
  // With this Node, whichever one comes first on the engine's PATH.
  const script = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} "$@"\n`;
  await writeProgram(folder, name, script);
}

/** The same for a program that is a script itself. */
export async function writeProgram(folder: string, name: string, script: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), script, { mode: 0o755 });
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
