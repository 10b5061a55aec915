import { cp, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** Name of the project in tests, whatever the checkout's own is. */
export const project = "remote-mcp-server";

/** Settings of the stacks in tests: those that belong to the checkout are somebody's own, and may be any. */
const stacks = join(root, "tests/fixture/stacks");

/** A checkout's `Pulumi.yaml` under the tests' name. @param checkout its folder. Default: this one. */
export async function readFixtureProject(checkout = root): Promise<string> {
  const text = await readFile(join(checkout, "Pulumi.yaml"), "utf8");
  return text.replace(/^name: .*$/m, `name: ${project}`);
}

/**
 * Writes `Pulumi.yaml` and the tests' stack files into a folder.
 * @param checkout whose `Pulumi.yaml` it is. Default: this one's.
 */
export async function writeFixtureProject(folder: string, checkout = root): Promise<void> {
  await Promise.all([
    writeFile(join(folder, "Pulumi.yaml"), await readFixtureProject(checkout)),
    cp(stacks, folder, { recursive: true }),
  ]);
}
