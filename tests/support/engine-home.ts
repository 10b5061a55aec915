import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  type ConfigMap,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation/index.js";
import type { TestContext } from "vitest";
import { parseDocument } from "yaml";
import { installLanguageHost } from "../engine/language/install.ts";
import { installPlugin } from "../engine/plugin/install.ts";
import {
  findPublishedHost,
  findPublishedPlugin,
  pluginFolder,
  pluginProgram,
} from "../engine/published.ts";
import { compileCache } from "./compile-cache.ts";
import { enginePath, engineVersion, requireEngine } from "./engine.ts";
import { readFixtureProject } from "./fixture-project.ts";
import type { Ending } from "./program.ts";
import { runProgram } from "./run-cli.ts";
import { makeTempFolder, type TempFolder } from "./temp-folder.ts";

const root = resolve(import.meta.dirname, "../..");

/** What `npx pulumi` runs: npm's wrapper, which starts the CLI of an engine's home. */
export const npmWrapper = join(root, "node_modules/pulumi/run.js");

/** A stack's configuration; a plain text is a value that is not secret. */
export type StackConfig = Readonly<Record<string, string | ConfigMap[string]>>;

/**
 * The real Pulumi CLI with a home, plugins and state of its own: nothing of the person's Pulumi or
 * account is read or changed, and all of it is gone with its scope. The state goes with it, not what
 * a stack has made elsewhere.
 */
export class EngineHome implements AsyncDisposable {
  /** All variables that the engine, its plugins and programs on disk are given. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the CLI. */
  readonly engine: string;
  readonly #folder: TempFolder;

  /** Folder of the file backend. */
  get stateFolder(): string {
    return join(this.#folder.path, "state");
  }

  private constructor(folder: TempFolder, engine: string, environment: Record<string, string>) {
    this.#folder = folder;
    this.engine = engine;
    this.environment = environment;
  }

  /**
   * Skips the test where there is no engine.
   * @param variables for the engine and everything it starts, beside its own.
   */
  static async make(
    skip: TestContext["skip"],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<EngineHome> {
    const found = requireEngine(skip);
    const folder = await makeTempFolder();
    const pulumiHome = join(folder.path, "pulumi");
    const state = join(folder.path, "state");
    const temporary = join(folder.path, "tmp");
    // Where npm's wrapper looks for it.
    const engine = enginePath(pulumiHome);
    const bin = dirname(engine);
    // With this folder, the CLI that tests build makes the key of a passphrase once; see tests/engine/cli/build.
    const keys = join(pulumiHome, "derived-keys");
    await Promise.all(
      [bin, state, temporary, keys].map((path) => mkdir(path, { recursive: true })),
    );
    await symlink(found, engine);
    await installPlugins(join(pulumiHome, "plugins"), found);
    return new EngineHome(folder, engine, {
      HOME: folder.path,
      TMPDIR: temporary,
      // Commands, programs and plugins start anew each time: this halves the time it takes to load them.
      NODE_COMPILE_CACHE: compileCache,
      // The CLI rarely lives for more than a second, of which collecting garbage takes a fifth.
      GOGC: "400",
      PATH: [bin, dirname(process.execPath), "/usr/bin", "/bin"].join(":"),
      PULUMI_HOME: pulumiHome,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase of tests",
      PULUMI_SKIP_UPDATE_CHECK: "1",
      PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
      CI: "1",
      ...variables,
    });
  }

  /** Runs `npx pulumi …` in a checkout, to its end; without npm's wrapper, which only starts the same. */
  run(
    args: readonly string[],
    {
      cwd,
      variables = this.environment,
    }: { readonly cwd: string; readonly variables?: Readonly<Record<string, string>> },
  ): Promise<Ending> {
    return runProgram(this.engine, args, variables, cwd);
  }

  /**
   * A stack of this project with a program of the test's own, which runs in this process and so sees
   * this process's variables and working directory. One stack runs at a time.
   */
  async createStack(name: string, program: PulumiFn, config: StackConfig = {}): Promise<Stack> {
    const workDir = join(this.#folder.path, "stacks", name);
    await mkdir(workDir, { recursive: true });
    const project = await readProject();
    await writeFile(join(workDir, "Pulumi.yaml"), project.text);
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: project.name, program },
      {
        workDir,
        envVars: withoutOthers(this.environment),
        pulumiCommand: await PulumiCommand.get({
          root: resolve(this.engine, "../.."),
        }),
      },
    );
    const values = Object.entries(config).map(([key, value]): [string, ConfigMap[string]] => [
      key,
      typeof value === "string" ? { value } : value,
    ]);
    if (values.length > 0) await stack.setAllConfig(Object.fromEntries(values));
    return stack;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]();
  }
}

/**
 * Fills the cache where the engine looks for plugins by kind, name and version. It would find them on
 * PATH too, but warn of them in every run.
 */
async function installPlugins(folder: string, engine: string): Promise<void> {
  const plugin = join(folder, pluginFolder);
  if (process.env.CLOUDFLARE_PLUGIN !== "real") {
    // A release of Pulumi has the real one beside the engine, and the engine prefers that.
    await installLanguageHost(join(folder, `language-nodejs-v${engineVersion}`));
    return installPlugin(plugin);
  }
  await findPublishedHost(engine);
  // The engine counts real folders alone: it skips a link to one, and takes a link inside of one.
  await mkdir(plugin, { recursive: true });
  await symlink(await findPublishedPlugin(), join(plugin, pluginProgram));
}

/** This project, with its configuration's declarations and without its program. */
async function readProject(): Promise<{ readonly name: string; readonly text: string }> {
  // As a document, which keeps its quotes: Pulumi would take a bare date for something else.
  const project = parseDocument(await readFixtureProject());
  project.delete("main");
  return { name: String(project.get("name")), text: project.toString() };
}

/**
 * The Automation API adds the variables it is given to this process's own, so a person's token would
 * reach the engine. A variable that is undefined is taken away from them; its types do not say so.
 */
function withoutOthers(environment: Readonly<Record<string, string>>): Record<string, string> {
  const others = Object.keys(process.env).map((name) => [name, undefined]);
  return { ...Object.fromEntries(others), ...environment };
}
