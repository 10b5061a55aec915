import { join } from "node:path";
import { runCli } from "../support/run-cli.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { readResults, type ScenarioResult, suiteEnvironment } from "./suite.ts";

/** A run of the suite against a server. */
export interface SuiteRun {
  /** 0 where the suite found nothing wrong, or nothing that was not expected. */
  readonly code: number | null;
  readonly output: string;
  readonly results: readonly ScenarioResult[];
}

/**
 * Runs the suite against a server that asks for no token.
 * @param program the suite's, from `requireSuite`.
 * @param selection which scenarios: options of the suite's `server` command.
 * @param expectedFailures absolute path of the list of what may fail.
 */
export async function runServerSuite(
  program: string,
  url: string,
  selection: readonly string[],
  expectedFailures?: string,
): Promise<SuiteRun> {
  await using folder = await makeTempFolder();
  const directory = join(folder.path, "results");
  const args = ["server", "--url", url, ...selection, "--output-dir", directory];
  if (expectedFailures !== undefined) args.push("--expected-failures", expectedFailures);
  const { code, stdout, stderr } = await runCli(
    program,
    args,
    suiteEnvironment(folder.path),
    folder.path,
  );
  const output = `${stdout}\n${stderr}`;
  try {
    return { code, output, results: await readResults(directory) };
  } catch (error) {
    throw new Error(`The suite left no results and said:\n${output}`, { cause: error });
  }
}
