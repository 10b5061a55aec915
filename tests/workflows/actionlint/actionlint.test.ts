import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, type TestContext, test } from "vitest";
import { requireOrSkip } from "../../support/require-all.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";
import { readWorkflows, workflowFolder } from "../workflows.ts";

const run = promisify(execFile);

/** Milliseconds that the first build may take, with what it fetches. */
const timeout = 300_000;

/** Where actionlint is, built where it is not there yet. Skips the test where that needs Go. */
async function provideActionlint(skip: TestContext["skip"]): Promise<string> {
  // Go is where its own installer puts it, which not every shell has on its path.
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/local/go/bin` };
  const built = await run(join(import.meta.dirname, "build"), { env, timeout }).catch(
    (error: { stderr?: string }) => {
      // Anything else is a failure, also where nothing may be skipped.
      if (!error.stderr?.includes("needs Go, which is not installed")) throw error;
      return undefined;
    },
  );
  const needed = requireOrSkip(
    skip,
    built,
    "No actionlint found, and building it needs Go: install that, or see tests/workflows/actionlint/build.",
  );
  return needed.stdout.trim();
}

/** What actionlint says of workflows; nothing where all is well. */
async function lint(actionlint: string, ...files: readonly string[]): Promise<string> {
  // It would take further linters from PATH, which only some machines have.
  const options = ["-no-color", "-shellcheck=", "-pyflakes="];
  return run(actionlint, [...options, ...files]).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout ?? String(error),
  );
}

test("actionlint finds nothing in the workflows", { timeout }, async ({ skip }) => {
  const actionlint = await provideActionlint(skip);
  const files = (await readWorkflows()).map(({ file }) => join(workflowFolder, file));
  expect(await lint(actionlint, ...files)).toBe("");
});

test("actionlint finds an event, a context and an input that are not there", { timeout }, async ({
  skip,
}) => {
  const actionlint = await provideActionlint(skip);
  await using folder = await makeTempFolder();
  const file = join(folder.path, "broken.yml");
  const text = [
    "on: { pull_requests: null }",
    "jobs:",
    "  a:",
    "    runs-on: ubuntu-24.04",
    "    steps:",
    "      - uses: actions/checkout@v6",
    "        with: { rev: main }",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders.
    "      - run: echo ${{ github.event.pull_request.title }}",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own placeholders.
    "      - run: echo ${{ githup.ref }}",
  ];
  await writeFile(file, `${text.join("\n")}\n`);
  const said = await lint(actionlint, file);
  for (const words of ['"pull_requests"', '"rev"', "potentially untrusted", '"githup"']) {
    expect(said).toContain(words);
  }
});

test("without Go the build says what is missing", async () => {
  await using folder = await makeTempFolder();
  const tools = ["bash", "sed", "dirname"];
  await Promise.all(tools.map((name) => symlink(`/bin/${name}`, join(folder.path, name))));
  const env = { PATH: folder.path, XDG_CACHE_HOME: folder.path };
  const said = await run(join(import.meta.dirname, "build"), { env }).then(
    ({ stdout }) => stdout,
    (error: { stderr?: string }) => error.stderr ?? "",
  );
  expect(said).toContain("needs Go, which is not installed");
});
