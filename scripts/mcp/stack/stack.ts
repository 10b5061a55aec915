import { join } from "node:path";
import {
  type ConfigMap,
  type EngineEvent,
  Stack,
  type StackSettings,
  type UpdateSummary,
} from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import { type ProgramParts, program } from "../../../infra/program.ts";
import { type EngineParts, type Operation, operate } from "./operate.ts";
import { openStackOutputs, type StackOutputs } from "./outputs.ts";
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
import { createWorkspace, explain, readProjectName, StackAlreadyExists } from "./workspace.ts";

/** How many resources by operation, without those that stay. Empty: nothing changes. */
export type Changes = Readonly<Record<string, number>>;

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
  readonly #stack: Stack;
  /** Where its settings say that the API is; read once. */
  #baseUrl: Promise<string | undefined> | undefined;

  private constructor(name: string, project: string, stack: Stack, isNew = false) {
    this.name = name;
    this.shortName = toShortName(name);
    this.project = project;
    this.#stack = Object.assign(stack, answersAtOnce);
    this.isNew = isNew;
  }

  /**
   * Opens a stack that is there.
   * @throws UserError if it is not, or the backend cannot be read.
   */
  static async open(name: string): Promise<ProjectStack> {
    const project = await readProjectName();
    return explain(name, async () => {
      const stack = await Stack.select(name, await createWorkspace());
      return new ProjectStack(name, project, stack);
    });
  }

  /** Opens a stack, and makes it if it is not there. @throws UserError as `open`. */
  static async openOrCreate(name: string): Promise<ProjectStack> {
    const project = await readProjectName();
    return explain(name, async () => {
      const workspace = await createWorkspace();
      try {
        return new ProjectStack(name, project, await Stack.create(name, workspace), true);
      } catch (error) {
        if (!(error instanceof StackAlreadyExists)) throw error;
        return new ProjectStack(name, project, await Stack.select(name, workspace));
      }
    });
  }

  /** Previews an `up`. @throws UserError with what the engine reported. */
  async preview(given: RunOptions = {}): Promise<Changes> {
    return this.#run("preview", given, (parts, shared) =>
      this.#stack.preview({ ...shared, ...parts }),
    );
  }

  /** Deploys. @throws UserError with what the engine reported. */
  async up(given: RunOptions = {}): Promise<Changes> {
    return this.#run("deploy", given, (parts, shared) => this.#stack.up({ ...shared, ...parts }));
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
    return this.#run("destroy", given, (parts) =>
      this.#stack.destroy({ ...parts, refresh, excludeProtected }),
    );
  }

  /** Removes the stack, its history and its settings file. What it still holds would be left behind. */
  async remove(): Promise<void> {
    await explain(this.name, () => this.#stack.workspace.removeStack(this.name));
  }

  /** Forgets the stack and what it has. The settings file stays, and so does everything in the account. */
  async forget(): Promise<void> {
    const options = { force: true, preserveConfig: true };
    await explain(this.name, () => this.#stack.workspace.removeStack(this.name, options));
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

  /** Its settings, secret ones in clear. */
  config(): Promise<ConfigMap> {
    return explain(this.name, () => this.#stack.getAllConfig());
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

  /** Its tags. Every backend keeps them. */
  tags(): Promise<Readonly<Record<string, string>>> {
    return explain(this.name, () => this.#stack.workspace.listTags(this.name));
  }

  async setTags(tags: Readonly<Record<string, string>>): Promise<void> {
    for (const [key, value] of Object.entries(tags)) {
      await explain(this.name, () => this.#stack.workspace.setTag(this.name, key, value));
    }
  }

  /** Removes a tag. A missing one is not an error. */
  async removeTag(key: string): Promise<void> {
    if (!Object.hasOwn(await this.tags(), key)) return;
    await explain(this.name, () => this.#stack.workspace.removeTag(this.name, key));
  }

  /** How its account is reached. @throws UserError if no account or token is named. */
  async account(permission: string): Promise<StackAccount> {
    return findStackAccount(this.project, await this.config(), permission);
  }

  /** Its last updates, the newest first, with their settings: secret ones in clear. */
  history(count: number): Promise<readonly UpdateSummary[]> {
    return explain(this.name, () => this.#stack.history(count, 1, true));
  }

  /** Its settings file, secret values as they are encrypted. */
  settingsFile(): Promise<StackSettings> {
    return explain(this.name, () => this.#stack.workspace.stackSettings(this.name));
  }

  async #editState(
    edit: (resources: readonly StateResource[]) => readonly StateResource[],
    onWait?: (who: string) => void,
  ): Promise<void> {
    const operation = { stack: this.name, verb: "edit the state of", onWait };
    await operate(operation, async () => {
      const { deployment, ...rest } = await exportEncrypted(this.name);
      const { resources, ...others } = looseState.parse(deployment);
      const changed = edit((resources ?? []) as readonly StateResource[]);
      await importState(this.name, { ...rest, deployment: { ...others, resources: changed } });
    });
  }

  /** Runs the engine. @returns what it counted. */
  async #run(
    verb: string,
    given: Omit<RunOptions, "parts">,
    run: (parts: EngineParts, shared: object) => Promise<unknown>,
  ): Promise<Changes> {
    const { parts: programParts, refresh, policyPacks, configFile } = given as RunOptions;
    const { program: other } = given as RunOptions;
    const { patience, mostAge, onWait, onTrouble } = given;
    let changes: Changes | undefined;
    const onEvent = (event: EngineEvent) => {
      if (event.summaryEvent) changes = listChanges(event.summaryEvent.resourceChanges);
      given.onEvent?.(event);
    };
    const cancel = () => explain(this.name, () => this.#stack.cancel());
    const stack = this.name;
    const operation: Operation = { stack, verb, patience, mostAge, cancel, onEvent, onWait };
    const shared = {
      program: other ?? (async () => ({ ...(await program(programParts)) })),
      ...(refresh !== undefined && { refresh }),
      ...(policyPacks !== undefined && { policyPacks: [...policyPacks] }),
      ...(configFile !== undefined && { configFile }),
    };
    const start = () => operate(operation, (parts) => run(parts, shared));
    await atProgram(() => (onTrouble === undefined ? start() : this.#watch(onTrouble, start)));
    if (changes === undefined) throw new Error(`The engine has not said what it did to ${stack}.`);
    return changes;
  }

  /** Leads the provider's calls by this process, if they go to Cloudflare. */
  async #watch<Result>(
    onTrouble: (trouble: Trouble) => void,
    start: () => Promise<Result>,
  ): Promise<Result> {
    if (!mayWatch(process.env.CLOUDFLARE_BASE_URL, process.env)) return start();
    this.#baseUrl ??= this.config().then((config) => config["cloudflare:baseUrl"]?.value);
    if (!mayWatch(await this.#baseUrl, process.env)) return start();
    await using watch = await ApiWatch.start(onTrouble);
    const { workspace } = this.#stack;
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

/**
 * What the Automation API asks the CLI after each run, in three processes one after the other. Its summary has come
 * with the events by then, and outputs are read by those who want them.
 */
export const answersAtOnce = { outputs: async () => ({}), info: async () => undefined };

function listChanges(changes: Readonly<Record<string, number>> | undefined): Changes {
  // What was read and is read no more is forgotten; nothing changes by either.
  const { same: _same, read: _read, discard: _discard, ...changed } = changes ?? {};
  return changed;
}
