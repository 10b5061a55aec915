import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { readOwnership } from "../../scripts/ownership/ownership.ts";

const ownership = readOwnership(projectRoot);

/** The files of ours in the Worker, but for tests, whose text has something in it. */
async function findFiles(text: string): Promise<string[]> {
  const found: string[] = [];
  const worker = join(projectRoot, "worker");
  for await (const file of glob("**/*.{ts,tsx}", { cwd: worker })) {
    if (/\.test\.tsx?$/.test(file) || ownership.isTheirs(`worker/${file}`)) continue;
    if ((await readFile(join(worker, file), "utf8")).includes(text)) found.push(file);
  }
  return found;
}

test.each([
  [".registerTool(", "mcp/register-tools.ts"],
  [".registerResource(", "mcp/register-resources.ts"],
  [".registerPrompt(", "mcp/register-prompts.ts"],
  [".run(args", "mcp/tool-calls.ts"],
  ["new McpServer(", "mcp/server.ts"],
])("%s stands in %s and nowhere else, so that no tool goes around the seam", async (call, file) => {
  expect([...new Set(await findFiles(call))]).toEqual([file]);
});
