import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Puts a `pulumi-resource-cloudflare` into a folder, under the name by which the engine looks for
 * it. The real one is a Go program that Pulumi's download site has and no package registry.
 */
export async function installPlugin(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const main = join(import.meta.dirname, "main.ts");
  // With this Node, whichever one comes first on the engine's PATH.
  const script = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} "$@"\n`;
  await writeFile(join(folder, "pulumi-resource-cloudflare"), script, { mode: 0o755 });
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
