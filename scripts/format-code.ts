import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * Formats the text of a file, code or Markdown, and puts its imports in order, as `npm run fix` does.
 * @param path of the file, from the root: it decides which rules count.
 * @throws Error if biome does not take it.
 */
export function formatCode(root: string, path: string, text: string): string {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, "check", "--write", `--stdin-file-path=${path}`],
    { cwd: root, input: text, encoding: "utf8" },
  );
  if (status === 0) return stdout;
  throw new Error(`biome does not take ${path}:\n${stderr}`);
}
