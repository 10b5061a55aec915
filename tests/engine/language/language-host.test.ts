import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { isAlive, listDescendants } from "../../support/checkout.ts";
import { EngineHome } from "../../support/engine-home.ts";
import { Output } from "../../support/program.ts";
import { makeTempFolder, type TempFolder } from "../../support/temp-folder.ts";

const root = resolve(import.meta.dirname, "../../..");

/** A project on disk, in TypeScript that Node strips itself, with its program in a folder. */
async function writeProject(program: string): Promise<TempFolder> {
  const folder = await makeTempFolder();
  await write(folder, {
    "package.json": '{ "type": "module" }',
    "Pulumi.yaml": `
name: parrot
main: infra/index.ts
runtime: { name: nodejs, options: { typescript: false, nodeargs: --title=parrot --stack-trace-limit=5 } }
`,
    "infra/index.ts": program,
  });
  await symlink(join(root, "node_modules"), join(folder.path, "node_modules"));
  return folder;
}

async function write(folder: TempFolder, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Runs a command that has to succeed. */
async function succeed(home: EngineHome, cwd: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run(args, { cwd });
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  // What the engine prints to stderr without failing is a warning.
  expect(stderr.replace(/^Created stack .*\n/, "")).toBe("");
  return stdout;
}

test("a program on disk knows its stack and configuration, and a second up changes nothing", async ({
  skip,
}) => {
  await using home = await EngineHome.make(skip);
  await using project = await writeProject(`
import * as pulumi from "@pulumi/pulumi";
import { isConfigSecret } from "@pulumi/pulumi/runtime/config.js";
const config = new pulumi.Config();
const { output } = new pulumi.Stash("kept", { input: config.require("word") });
export const kept: pulumi.Output<string> = output;
export const hidden = config.requireSecret("password");
export const secrets = ["word", "password"].filter((key) => isConfigSecret(\`parrot:\${key}\`));
export const where = {
  stack: pulumi.getStack(),
  project: pulumi.getProject(),
  organization: pulumi.getOrganization(),
  rootFolder: pulumi.getRootDirectory(),
  folder: process.cwd(),
  title: process.title,
  traces: Error.stackTraceLimit,
  // By this the SDK is told to compile TypeScript itself.
  compiled: process.env.PULUMI_NODEJS_TYPESCRIPT ?? "by Node",
};
console.log(\`dry run: \${pulumi.runtime.isDryRun()}\`);
`);
  const cwd = project.path;
  await succeed(home, cwd, "stack", "init", "test");
  await succeed(home, cwd, "config", "set", "word", "hello");
  await succeed(home, cwd, "config", "set", "--secret", "password", "s3cret");

  const first = await succeed(home, cwd, "up", "--yes");
  expect(first).toMatch(/\+ 2 to create[\s\S]*\+ 2 created/);
  expect(first).toMatch(/dry run: true[\s\S]*dry run: false/);
  expect(first).not.toContain("s3cret");
  const outputs = await succeed(home, cwd, "stack", "output", "--json", "--show-secrets");
  expect(JSON.parse(outputs)).toEqual({
    kept: "hello",
    hidden: "s3cret",
    secrets: ["password"],
    where: {
      stack: "test",
      project: "parrot",
      organization: "organization",
      rootFolder: project.path,
      folder: join(project.path, "infra"),
      title: "parrot",
      traces: 5,
      compiled: "by Node",
    },
  });

  const second = await succeed(home, cwd, "up", "--yes");
  expect(second).toMatch(/ 2 unchanged\s+Duration/);
});

test("an error of the program is shown once, with its place", async ({ skip }) => {
  await using home = await EngineHome.make(skip);
  await using project = await writeProject('throw new Error("the parrot is no more");\n');
  await succeed(home, project.path, "stack", "init", "test");
  const { code, stdout } = await home.run(["preview"], { cwd: project.path });
  expect(code).toBe(1);
  expect(stdout.match(/Error: the parrot is no more/g)).toHaveLength(1);
  expect(stdout).toContain("index.ts:1:7");
  // The engine itself has nothing to add: the SDK has said it all.
  expect(stdout).not.toContain("exit code");
});

test("a program that ends by itself fails with its exit code", async ({ skip }) => {
  await using home = await EngineHome.make(skip);
  await using project = await writeProject("process.exit(3);\n");
  await succeed(home, project.path, "stack", "init", "test");
  const { code, stdout } = await home.run(["preview"], { cwd: project.path });
  expect(code).toBe(1);
  expect(stdout).toContain("Program exited with non-zero exit code: 3");
});

test("a policy pack is asked about every resource and stops a preview", async ({ skip }) => {
  await using home = await EngineHome.make(skip);
  await using project = await writeProject(`
import * as pulumi from "@pulumi/pulumi";
new pulumi.Stash("kept", { input: new pulumi.Config().require("word") });
`);
  await write(project, {
    "rules/package.json": '{ "type": "module", "version": "0.0.1" }',
    "rules/PulumiPolicy.yaml": "runtime: nodejs\n",
    "rules/index.js": `
import { PolicyPack } from "@pulumi/policy";
const validateResource = ({ props }, report) => props.input === "shout" && report("too loud");
const rule = { name: "quiet", description: "-", enforcementLevel: "mandatory", validateResource };
new PolicyPack("manners", { policies: [rule] });
`,
  });
  await succeed(home, project.path, "stack", "init", "test");
  const preview = async (word: string) => {
    await succeed(home, project.path, "config", "set", "word", word);
    const packs = ["--policy-pack", "rules", "--policy-pack", join(root, "infra/policy")];
    return home.run(["preview", ...packs], { cwd: project.path });
  };

  const quiet = await preview("whisper");
  expect(quiet.code, quiet.stdout).toBe(0);
  expect(quiet.stdout).toMatch(/✅ manners@v0\.0\.1[\s\S]*✅ remote-mcp-server@v/);

  const loud = await preview("shout");
  expect(loud.code).toBe(1);
  expect(loud.stdout).toMatch(/❌ manners@v0\.0\.1[\s\S]*quiet[\s\S]*kept[\s\S]*too loud/);
});

test("an engine that is killed leaves language host and program behind, and the next one works all the same", async ({
  skip,
}) => {
  let descendants: number[] = [];
  {
    await using home = await EngineHome.make(skip);
    await using project = await writeProject(`
console.log("the parrot rests");
setInterval(() => {}, 1000);
`);
    await succeed(home, project.path, "stack", "init", "test");
    const engine = spawn(home.engine, ["preview"], {
      cwd: project.path,
      env: home.environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Output(engine.stdout).waitFor(/the parrot rests/);
    descendants = await listDescendants(engine.pid ?? 0);
    // The language host and the program.
    expect(descendants.length).toBeGreaterThanOrEqual(2);
    engine.kill("SIGKILL");
    await once(engine, "exit");
    await write(project, { "infra/index.ts": "" });
    await succeed(home, project.path, "preview");
    expect(descendants.filter(isAlive)).toEqual(descendants);
  }
  // Theirs went with their home.
  await expect.poll(() => descendants.filter(isAlive)).toEqual([]);
});
