import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { TestContext } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { apartFolder, requireApart } from "../support/apart.ts";
import { environmentWithoutBrowser } from "../support/no-browser.ts";

const name = "@modelcontextprotocol/conformance";

/** The suite's program. Skips the test where it is missing. */
export function requireSuite(skip: TestContext["skip"]): string {
  return requireApart(skip, `${name}/dist/index.js`);
}

/**
 * Its environment: it writes into one folder, opens no browser, reaches only this machine, and waits as long
 * as a busy machine needs.
 */
export function suiteEnvironment(home: string): Record<string, string> {
  const loaded = ["../support/loopback-only.ts", "patient-timers.ts"].map(
    (file) => `--import=${pathToFileURL(join(import.meta.dirname, file))}`,
  );
  return { ...environmentWithoutBrowser(home), NODE_OPTIONS: loaded.join(" ") };
}

const checks = z.array(
  z.object({
    id: z.string(),
    status: z.enum(["SUCCESS", "FAILURE", "WARNING", "SKIPPED", "INFO"]),
    errorMessage: z.string().optional(),
  }),
);

/** One thing that the suite looked at. */
export type Check = z.infer<typeof checks>[number];

/** What became of one scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** Results lie in a folder for each scenario: `server-ping-2026-11-25T03-50-30-109Z`. */
const resultFolder = /^(?:server|authorization-server)-(.+)-\d{4}(?:-\d\d){2}T[\d-]+Z$/;

/** Reads what the suite wrote with `--output-dir`. */
export async function readResults(directory: string): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const entry of await readdir(directory)) {
    const [, scenario] = resultFolder.exec(entry) ?? [];
    if (scenario === undefined)
      throw new Error(`The suite wrote a folder of another form: ${entry}`);
    const text = await readFile(join(directory, entry, "checks.json"), "utf8");
    results.push({ name: scenario, checks: checks.parse(JSON.parse(text)) });
  }
  return results;
}

const requirements = z.object({ server: z.array(z.string()) });

/** The scenarios that a revision of the protocol requires of a server: the suite's frozen list. */
export async function readRequirements(revision: string): Promise<readonly string[]> {
  const text = await readFile(
    join(apartFolder, "node_modules", name, "requirements", `${revision}.yaml`),
    "utf8",
  );
  return requirements.parse(parse(text)).server;
}

/**
 * The entries of an expected-failures file: `scenario`, or `scenario:check`.
 * @param file absolute path.
 */
export async function readExpectedFailures(file: string): Promise<readonly string[]> {
  return requirements.parse(parse(await readFile(file, "utf8"))).server;
}
