import { spawnSync } from "node:child_process";
import { join } from "node:path";

/**
 * Formats the text of a file, code or Markdown, and puts its imports in order, as `npm run fix` does.
 * @param path of the file, from the root: it decides which rules count.
 * @throws Error if biome does not take it.
 */
export function formatCode(root: string, path: string, text: string): string {
  return runBiome(root, [`--stdin-file-path=${path}`], path, text);
}

/**
 * Does the same to written files, all at once: each start of biome takes longer than its work.
 * @param paths of the files, from the root. Those that are neither code nor Markdown are left as they are.
 * @throws Error if biome does not take one.
 */
export function formatFiles(root: string, paths: readonly string[]): void {
  const formatted = paths.filter((path) => /\.(ts|md)$/.test(path));
  if (formatted.length > 0) runBiome(root, formatted, formatted.join(", "));
}

/** @returns what it printed. */
function runBiome(root: string, args: readonly string[], what: string, input = ""): string {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [biome, "check", "--write", ...args],
    { cwd: root, input, encoding: "utf8" },
  );
  if (status === 0) return stdout;
  throw new Error(`biome does not take ${what}:\n${stderr}`);
}
