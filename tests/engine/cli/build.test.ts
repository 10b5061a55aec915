import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { enginePath, engineVersion } from "../../support/engine.ts";
import { type Ending, Output } from "../../support/program.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

/** What the build calls beside Go. */
const commands = "bash cat chmod cksum cp dirname grep mkdir mktemp mv rm sed".split(" ");

/**
 * Runs the build with a stand-in for Go, or on a machine without it.
 * @param go what stands for `go build -o <file> -ldflags <flags> …`; Go knows no module.
 */
async function build(pulumiHome: string, go?: string): Promise<Ending> {
  await using tools = await makeTempFolder();
  await Promise.all(commands.map((name) => symlink(`/bin/${name}`, join(tools.path, name))));
  if (go !== undefined) {
    await writeFile(join(tools.path, "go"), `#!/bin/sh\n[ "$1" = build ] || exit 0\n${go}\n`, {
      mode: 0o755,
    });
  }
  const child = spawn(join(import.meta.dirname, "build"), {
    env: { PATH: tools.path, PULUMI_HOME: pulumiHome },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stdout = new Output(child.stdout);
  const stderr = new Output(child.stderr);
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout: stdout.text, stderr: stderr.text };
}

test("the engine is built in the version that npx pulumi runs", async () => {
  const modules = await readFile(join(import.meta.dirname, "go.mod"), "utf8");
  expect(modules.match(/github\.com\/pulumi\/pulumi\/\w+\/v3 \S+/g)).toEqual([
    `github.com/pulumi/pulumi/pkg/v3 v${engineVersion}`,
    `github.com/pulumi/pulumi/sdk/v3 v${engineVersion}`,
  ]);
});

test("what is built is a program where npx pulumi looks for it, and is built once", async () => {
  await using home = await makeTempFolder();
  const first = await build(home.path, 'echo "$5" > "$3"');
  expect(first).toMatchObject({ code: 0, stderr: "" });
  const built = enginePath(home.path);
  expect((await stat(built)).mode & 0o111).toBe(0o111);
  expect(await readFile(built, "utf8")).toContain(`version.Version=v${engineVersion}`);
  expect(await build(home.path, "exit 1")).toMatchObject({ code: 0 });
});

test("what another build script has built is built again, and a release of Pulumi's is kept", async () => {
  await using home = await makeTempFolder();
  const built = enginePath(home.path);
  await build(home.path, 'echo first > "$3"');
  await writeFile(join(dirname(built), ".recipe"), "of another script\n");
  expect(await build(home.path, 'echo second > "$3"')).toMatchObject({ code: 0 });
  expect(await readFile(built, "utf8")).toBe("second\n");
  await writeFile(join(dirname(built), ".recipe"), "of another script\n");
  // What cannot be built again serves as it is.
  expect(await build(home.path)).toMatchObject({ code: 0 });
  await writeFile(join(dirname(built), "pulumi-language-nodejs"), "");
  expect(await build(home.path, 'echo third > "$3"')).toMatchObject({ code: 0 });
  expect(await readFile(built, "utf8")).toBe("second\n");
});

test("a build that fails half-way leaves nothing that counts as built", async () => {
  await using home = await makeTempFolder();
  expect(await build(home.path, 'echo half > "$3"; exit 7')).toMatchObject({ code: 7 });
  expect(await readdir(dirname(enginePath(home.path)))).toEqual([]);
  expect(await build(home.path, 'echo whole > "$3"')).toMatchObject({ code: 0 });
});

test("without Go it says what is missing", async () => {
  await using home = await makeTempFolder();
  const { code, stderr } = await build(home.path);
  expect(code).toBe(1);
  expect(stderr).toContain("building it needs Go, which is not installed");
});
