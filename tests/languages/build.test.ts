import { spawn } from "node:child_process";
import { once } from "node:events";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Ending, Output } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** What the build calls beside the tools of the languages. */
const commands = "bash sh cat cut dirname head mkdir rm sha256sum sort touch".split(" ");

/** Runs the build on a machine with these programs alone, and one folder for all it keeps. */
async function build(
  home: string,
  args: readonly string[],
  programs: Readonly<Record<string, string>>,
): Promise<Ending> {
  await using tools = await makeTempFolder();
  await Promise.all(commands.map((name) => symlink(`/bin/${name}`, join(tools.path, name))));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(tools.path, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  const child = spawn(join(import.meta.dirname, "build"), args, {
    env: { PATH: tools.path, HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = new Output(child.stdout);
  const stderr = new Output(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Makes a virtual environment whose pip says how it went. */
const python = (pip: string) =>
  `[ "$2" = venv ] || exit 0; /bin/mkdir -p "$3/bin"; printf '#!/bin/sh\\n${pip}\\n' > "$3/bin/pip"; /bin/chmod 755 "$3/bin/pip"`;

test("a tool that is missing or too old is named before anything is built", async () => {
  await using home = await makeTempFolder();
  const missing = async (name: string, programs = {}) => {
    const { code, stderr } = await build(home.path, [name], programs);
    expect(code).toBe(1);
    return stderr;
  };
  expect(await missing("python-2")).toContain("needs Python 3.10 or newer");
  expect(await missing("python-2", { python3: "exit 1" })).toContain("needs Python 3.10 or newer");
  expect(await missing("rust", { cargo: "echo cargo 1.87.9 (x)" })).toContain("needs cargo 1.88");
  expect(await missing("java")).toMatch(/needs (?:JDK 17|Maven)/);
  expect(await missing("--check")).toContain("needs Python 3.10 or newer");
});

test("what is built is found, is built once, and half of it does not count", async () => {
  await using home = await makeTempFolder();
  const where = () => build(home.path, ["--where", "python-2"], {});
  expect(await where()).toMatchObject({ code: 1, stdout: "" });
  expect(await build(home.path, ["python-2"], { python3: python("exit 7") })).toMatchObject({
    code: 7,
  });
  expect(await where()).toMatchObject({ code: 1, stdout: "" });
  const made = await build(home.path, ["python-2"], { python3: python("exit 0") });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect((await where()).stdout).toMatch(
    new RegExp(`^${home.path}/\\.cache/remote-mcp-server/languages/python-2/.+/bin/python\n$`),
  );
  expect(await build(home.path, ["python-2"], {})).toMatchObject({ code: 0 });
});

test("a name that is none is refused", async () => {
  await using home = await makeTempFolder();
  const { code, stderr } = await build(home.path, ["cobol"], {});
  expect(code).not.toBe(0);
  expect(stderr).toContain("Nothing is called cobol");
});
