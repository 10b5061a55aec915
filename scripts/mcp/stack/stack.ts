import { join } from "node:path";
import type { ConfigMap, EngineEvent, Stack } from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import type { ProgramParts } from "../../../infra/program.ts";
import { UserError } from "../../errors.ts";
import {
  createStack,
  readConfig,
  readHistory,
  readProjectName,
  readTags,
  removeStack,
  removeTag,
  StackAlreadyExists,
  setTag,
  type Update,
} from "./backend.ts";
import { CliError } from "./cli.ts";
import { type Changes, listChanges } from "./engine-events.ts";
import { tellInterruption, withInterruption } from "./interruption.ts";
import type { EngineParts, Operation } from "./operate.ts";
import { openStackOutputs, type StackOutputs } from "./outputs.ts";
import { Remembered } from "./remembered.ts";
import { toShortName } from "./short-name.ts";
import { findStackAccount, type StackAccount } from "./stack-account.ts";
import {
  exportEncrypted,
  importState,
  looseState,
  readResources,
  type StateResource,
} from "./state.ts";
import { ApiWatch, mayWatch, type Trouble } from "./watch-api.ts";

/** How a run differs from a plain `pulumi up` of this checkout. */
export interface RunOptions {
  /** Parts that the program takes from outside, as the bundle of another version. */
  readonly parts?: Partial<ProgramParts>;
  /** Another program than this project's. */
  readonly program?: () => Promise<Record<string, unknown>>;
  /** Asks the account first what it really has. */
  readonly refresh?: boolean;
  /** Runs this project's policy pack too, if the CLI can. */
  readonly policyPacks?: readonly string[];
  /** Another settings file than the stack's own. */
  readonly configFile?: string;
  /** Seconds to wait for a stack that another run holds. */
  readonly patience?: number;
  /** As an operation's `mostAge`. */
  readonly mostAge?: number;
  readonly onEvent?: (event: EngineEvent) => void;
  readonly onWait?: (who: string) => void;
  /** Told of each call of Cloudflare's API that fails and that the provider will make again. */
  readonly onTrouble?: (trouble: Trouble) => void;
}

/**
 * A stack of this project, driven through Pulumi's Automation API. The program is this checkout's own
 * and runs in this process, so no language host is needed; state and diffs are those of `npx pulumi up`.
 */
export class ProjectStack {
  /** As it was given, and as the CLI takes it: it may begin with an organization. */
  readonly name: string;
  /** As the program knows it. The settings file and the Worker are called after it. */
  readonly shortName: string;
  /** Name of the Pulumi project. */
  readonly project: string;
  /** Whether it was made by being opened: who makes it may remove it. */
  readonly isNew: boolean;
  readonly #tags: Remembered<Readonly<Record<string, string>>>;
  readonly #config: Remembered<ConfigMap>;
  /** Opened when it runs for the first time. */
  readonly #engine: Remembered<Stack>;
  /** Where its settings say that the API is; read once. */
  #baseUrl: Promise<string | undefined> | undefined;

  private constructor(name: string, project: string, isNew = false) {
    this.name = name;
    this.shortName = toShortName(name);
    this.project = project;
    this.isNew = isNew;
    this.#tags = new Remembered(() => readTags(name));
    this.#config = new Remembered(() => readConfig(name));
    this.#engine = new Remembered(async () => (await import("./engine.ts")).openEngine(name));
  }

  /**
   * Opens a stack that is there.
   * @throws UserError if it is not, or the backend cannot be read.
   */
  static async open(name: string): Promise<ProjectStack> {
    const stack = new ProjectStack(name, await readProjectName());
    // Most commands want to know them, and asking for them tells whether it is there.
    await stack.tags();
    return stack;
  }

  /** Makes a stack, and opens it if another run has made it meanwhile. @throws UserError as `open`. */
  static async create(name: string): Promise<ProjectStack> {
    try {
      await createStack(name);
    } catch (error) {
      if (!(error instanceof StackAlreadyExists)) throw error;
      return ProjectStack.open(name);
    }
    return new ProjectStack(name, await readProjectName(), true);
  }

  /**
   * Opens a stack, and makes it if it is not there. It is there mostly, and making one takes the CLI longest: it
   * derives a key first.
   * @throws UserError as `open`.
   */
  static async openOrCreate(name: string): Promise<ProjectStack> {
    try {
      return await ProjectStack.open(name);
    } catch (error) {
      // What keeps it from being read keeps it from being made, in the words for that.
      if (!(error instanceof UserError)) throw error;
      return ProjectStack.create(name);
    }
  }

  /** Previews an `up`. @throws UserError with what the engine reported. */
  async preview(given: RunOptions = {}): Promise<Changes> {
    return this.#run("preview", given, (stack, parts, shared) =>
      stack.preview({ ...shared, ...parts }),
    );
  }

  /** Deploys. @throws UserError with what the engine reported. */
  async up(given: RunOptions = {}): Promise<Changes> {
    return this.#run("deploy", given, (stack, parts, shared) => stack.up({ ...shared, ...parts }));
  }

  /** Deploys, and gives back the outputs too, secret ones in clear. @throws UserError as `up`. */
  async deploy(
    given: RunOptions = {},
  ): Promise<{ readonly changes: Changes; readonly outputs: StackOutputs }> {
    return { changes: await this.up(given), outputs: await this.outputs() };
  }

  /**
   * Deletes everything of the stack but what is protected. The stack itself stays.
   * @throws UserError as `up`.
   */
  async destroy(
    given: Omit<RunOptions, "parts" | "program"> & { readonly excludeProtected?: boolean } = {},
  ): Promise<Changes> {
    const { excludeProtected = false, refresh = false } = given;
    return this.#run("destroy", given, (stack, parts) =>
      stack.destroy({ ...parts, refresh, excludeProtected }),
    );
  }

  /** Removes the stack, its history and its settings file. What it still holds would be left behind. */
  async remove(): Promise<void> {
    await removeStack(this.name);
  }

  /** Forgets the stack and what it has. The settings file stays, and so does everything in the account. */
  async forget(): Promise<void> {
    await removeStack(this.name, "--force", "--preserve-config");
  }

  /**
   * Empties the state: the stack stays, and so does everything in the account.
   * @throws UserError if another run holds the stack.
   */
  async release(): Promise<void> {
    await this.#editState(() => []);
  }

  /** Its outputs, secret ones in clear: never print them all. */
  outputs(): Promise<StackOutputs> {
    return openStackOutputs(this.name, projectRoot);
  }

  /** Its settings, secret ones in clear. Read once until the engine runs. */
  config(): Promise<ConfigMap> {
    return this.#config.read();
  }

  /** The resources in its state. @param opensSecrets as for `readResources`. */
  async resources(opensSecrets = false): Promise<readonly StateResource[]> {
    return readResources(this.name, opensSecrets);
  }

  /**
   * Changes resources in the state, in one write. Nothing in the account changes by it.
   * @throws UserError if another run holds the stack.
   */
  async editResources(
    change: (resource: StateResource) => StateResource,
    onWait?: (who: string) => void,
  ): Promise<void> {
    await this.#editState((resources) => resources.map(change), onWait);
  }

  /** Its tags. Every backend keeps them. Read once until one is changed here, or the engine runs. */
  tags(): Promise<Readonly<Record<string, string>>> {
    return this.#tags.read();
  }

  /** Sets tags, one after the other: each call of the CLI writes all tags that it has read before. */
  async setTags(tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#changeTags(async () => {
      for (const [key, value] of Object.entries(tags)) await setTag(this.name, key, value);
    });
  }

  /** Removes a tag. A missing one is not an error. */
  async removeTag(key: string): Promise<void> {
    await this.#changeTags(() => removeTag(this.name, key));
  }

  /** How its account is reached. @throws UserError if no account or token is named. */
  async account(permission: string): Promise<StackAccount> {
    return findStackAccount(this.project, await this.config(), permission);
  }

  /** Its last updates, the newest first, with their settings: secret ones in clear. */
  history(count: number): Promise<readonly Update[]> {
    return readHistory(this.name, count);
  }

  /** A reading that begins while they are written may have either: it is not remembered. */
  async #changeTags(write: () => Promise<void>): Promise<void> {
    this.#tags.forget();
    try {
      await write();
    } finally {
      this.#tags.forget();
    }
  }

  async #editState(
    edit: (resources: readonly StateResource[]) => readonly StateResource[],
    onWait?: (who: string) => void,
  ): Promise<void> {
    await withInterruption(async (signal) => {
      const operation = { stack: this.name, verb: "edit the state of", signal, onWait };
      const { operate } = await import("./operate.ts");
      await operate(operation, async () => {
        const { deployment, ...rest } = await exportEncrypted(this.name);
        const { resources, ...others } = looseState.parse(deployment);
        const changed = edit((resources ?? []) as readonly StateResource[]);
        await importState(this.name, { ...rest, deployment: { ...others, resources: changed } });
      });
    });
  }

  /** Runs the engine. @returns what it counted. */
  async #run(
    verb: string,
    given: Omit<RunOptions, "parts">,
    run: (engine: Stack, parts: EngineParts, shared: object) => Promise<unknown>,
  ): Promise<Changes> {
    // From here on: while the engine is loaded, too, an interruption would end this process with nothing put away.
    return withInterruption((signal) => this.#runUntil(signal, verb, given, run));
  }

  async #runUntil(
    signal: AbortSignal,
    verb: string,
    given: Omit<RunOptions, "parts">,
    run: (engine: Stack, parts: EngineParts, shared: object) => Promise<unknown>,
  ): Promise<Changes> {
    // A run may take minutes, and somebody may have changed them meanwhile.
    this.#tags.forget();
    this.#config.forget();
    // Loaded here: Pulumi's SDK and the program take longer than all that is only read of a stack.
    const [engine, { operate }, { explain, runProgram }] = await Promise.all([
      this.#engine.read(),
      import("./operate.ts"),
      import("./engine.ts"),
    ]);
    const { parts: programParts, refresh, policyPacks, configFile } = given as RunOptions;
    const { program: other } = given as RunOptions;
    const { patience, mostAge, onWait, onTrouble } = given;
    let changes: Changes | undefined;
    const onEvent = (event: EngineEvent) => {
      if (event.summaryEvent) changes = listChanges(event.summaryEvent.resourceChanges);
      given.onEvent?.(event);
    };
    const cancel = () => explain(this.name, () => engine.cancel());
    const stack = this.name;
    const asked = { stack, verb, patience, mostAge };
    const operation: Operation = { ...asked, signal, cancel, onEvent, onWait };
    const shared = {
      program: other ?? (() => runProgram(programParts)),
      ...(refresh !== undefined && { refresh }),
      ...(policyPacks !== undefined && { policyPacks: [...policyPacks] }),
      ...(configFile !== undefined && { configFile }),
    };
    const start = () => operate(operation, (parts) => run(engine, parts, shared));
    try {
      await atProgram(() =>
        onTrouble === undefined ? start() : this.#watch(engine, onTrouble, start),
      );
    } catch (error) {
      // The CLI, asked for a setting before the engine starts, ends with its asker, and only says that it failed.
      throw signal.aborted && error instanceof CliError ? tellInterruption(verb, stack) : error;
    }
    if (changes === undefined) throw new Error(`The engine has not said what it did to ${stack}.`);
    return changes;
  }

  /** Leads the provider's calls by this process, if they go to Cloudflare. */
  async #watch<Result>(
    { workspace }: Stack,
    onTrouble: (trouble: Trouble) => void,
    start: () => Promise<Result>,
  ): Promise<Result> {
    if (!mayWatch(process.env.CLOUDFLARE_BASE_URL, process.env)) return start();
    this.#baseUrl ??= this.config().then((config) => config["cloudflare:baseUrl"]?.value);
    if (!mayWatch(await this.#baseUrl, process.env)) return start();
    await using watch = await ApiWatch.start(onTrouble);
    const before = workspace.envVars;
    // The engine's variable alone: what the program declares, and so the state, knows nothing of it.
    workspace.envVars = { ...before, CLOUDFLARE_BASE_URL: watch.baseUrl };
    try {
      return await start();
    } finally {
      workspace.envVars = before;
    }
  }
}

/**
 * The folder of `main` in Pulumi.yaml, where `npx pulumi up` runs the program: the state holds the
 * bundle's path from there.
 */
async function atProgram<Result>(act: () => Promise<Result>): Promise<Result> {
  const before = process.cwd();
  process.chdir(join(projectRoot, "infra"));
  try {
    return await act();
  } finally {
    process.chdir(before);
  }
}
