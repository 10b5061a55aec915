import { access, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { enginePath, engineVersion, findEngine } from "../../support/engine.ts";
import { EngineHome, npmWrapper } from "../../support/engine-home.ts";
import { runCli } from "../../support/run-cli.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

afterEach(() => vi.unstubAllEnvs());

/** Writes a program that prints one line and leaves a trace that it ran. */
async function writeProgram(path: string, line: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n: > "$0.ran"\necho "${line}"\n`, { mode: 0o755 });
  return path;
}

test("npm's wrapper is not an engine and is never run, wherever it is linked from", async () => {
  await using folder = await makeTempFolder();
  const wrapper = join(folder.path, "node_modules/.bin/pulumi");
  await writeProgram(wrapper, "v3.1.0");
  await mkdir(join(folder.path, "bin"));
  await symlink(wrapper, join(folder.path, "bin/pulumi"));
  vi.stubEnv("PULUMI_HOME", folder.path);
  vi.stubEnv("PATH", `${dirname(wrapper)}:${folder.path}/bin`);
  expect(findEngine()).toBeUndefined();
  for (const path of [wrapper, join(folder.path, "bin/pulumi")]) {
    await expect(access(`${path}.ran`)).rejects.toThrow();
  }
});

test("an engine is what npx pulumi has installed, else a pulumi on PATH that says so", async () => {
  await using folder = await makeTempFolder();
  vi.stubEnv("PULUMI_HOME", join(folder.path, "home"));
  vi.stubEnv("PATH", `${folder.path}/other:${folder.path}/bin:/usr/bin:/bin`);
  await writeProgram(join(folder.path, "other/pulumi"), "a choir's booking system");
  expect(findEngine()).toBeUndefined();
  const onPath = await writeProgram(join(folder.path, "bin/pulumi"), "v3.300.0");
  expect(findEngine()).toBe(onPath);
  const installed = await writeProgram(enginePath(join(folder.path, "home")), "");
  expect(findEngine()).toBe(installed);
});

test("stacks with a program in the test run one after another, and keep their state apart", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  const program = async () => {
    const config = new pulumi.Config();
    const { output } = new pulumi.Stash("kept", { input: config.require("environment") });
    return { stack: pulumi.getStack(), kept: output, hidden: config.getSecret("demoPassword") };
  };
  const one = await home.createStack("one", program, {
    environment: "parrot",
    demoPassword: { value: "s3cret", secret: true },
  });
  // The default is declared in this project's Pulumi.yaml.
  const two = await home.createStack("two", program);

  const first = await one.up();
  expect(first.summary.resourceChanges).toEqual({ create: 2 });
  expect(first.outputs).toMatchObject({
    stack: { value: "one" },
    kept: { value: "parrot" },
    hidden: { value: "s3cret", secret: true },
  });
  // Neither the plugins nor the engine have anything to say of how they were found.
  expect(first.stdout + first.stderr).not.toMatch(/warning/i);
  expect((await two.up()).outputs).toMatchObject({
    stack: { value: "two" },
    kept: { value: "development" },
  });
  expect((await one.up()).summary.resourceChanges).toEqual({ same: 2 });
  await expect(
    home
      .createStack("three", async () => {
        throw new Error("the parrot is no more");
      })
      .then((stack) => stack.up()),
  ).rejects.toThrow("the parrot is no more");
  expect((await two.preview()).changeSummary).toEqual({ same: 2 });
});

test("nothing of the person's own Pulumi reaches the engine", async ({ skip }) => {
  await using home = await EngineHome.make(skip, { PULUMI_OPTION_REFRESH: "false" });
  // The engine takes options from such variables, and notes with every update which it saw.
  vi.stubEnv("PULUMI_OPTION_MESSAGE", "from the person");
  vi.stubEnv("PULUMI_ACCESS_TOKEN", "the person's");
  const stack = await home.createStack("test", async () => ({}));
  await stack.up();
  const [update] = await stack.history();
  expect(update?.message).not.toBe("from the person");
  const variables = Object.keys(update?.environment ?? {});
  expect(variables).toContain("pulumi.env.PULUMI_OPTION_REFRESH");
  expect(variables).not.toContain("pulumi.env.PULUMI_ACCESS_TOKEN");

  const { code, stdout } = await home.run(["whoami", "--verbose"], {
    cwd: stack.workspace.workDir,
  });
  expect(code).toBe(0);
  expect(stdout).toContain(home.environment.PULUMI_BACKEND_URL);
});

test("npx pulumi runs the engine that was found", async ({ skip }) => {
  await using home = await EngineHome.make(skip);
  const { HOME = "" } = home.environment;
  const ending = await runCli(npmWrapper, ["version"], home.environment, HOME);
  expect(ending).toEqual({ code: 0, stdout: `v${engineVersion}\n`, stderr: "" });
  expect(await home.run(["version"], { cwd: HOME })).toEqual(ending);
});
