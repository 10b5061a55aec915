import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Puts a `pulumi-language-nodejs` into a folder, under the name by which the engine looks for it. A
 * release of Pulumi has the real one beside the engine; an engine built from source has none.
 */
export async function installLanguageHost(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const main = join(import.meta.dirname, "main.ts");
  // With this Node, whichever one comes first on the engine's PATH.
  const script = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} "$@"\n`;
  await writeFile(join(folder, "pulumi-language-nodejs"), script, { mode: 0o755 });
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
