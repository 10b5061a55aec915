/** `npm run test:mine`: tests what belongs to the person whose server this is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../infra/bundle.ts";
import { readOwnership } from "./ownership/ownership.ts";
import { runMain } from "./run-main.ts";

const help = `Tests your tools, resources and prompts, your texts, and a login and a call with real clients.

  npm run test:mine -- [options of vitest]

ownership.json says which files are yours; the tests with real clients are in tests/mine.
`;

/** Tests of ours that look at files of theirs: their texts. */
const ofTheirs = "tests/theirs/";

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(help);
    return 0;
  }
  // A filter of vitest's is a part of a path.
  const folders = readOwnership(projectRoot)
    .rules.theirs.filter((pattern) => /^(worker|tests)\/.*\/\*\*$/.test(pattern))
    .map((pattern) => pattern.replace(/\*\*$/, ""));
  const vitest = join(projectRoot, "node_modules/vitest/vitest.mjs");
  const projects = ["--project", "worker", "--project", "mine"];
  const child = spawn(
    process.execPath,
    [vitest, "run", ...projects, ...folders, ofTheirs, ...args],
    { cwd: projectRoot, stdio: "inherit" },
  );
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

await runMain(() => main(process.argv.slice(2)));
