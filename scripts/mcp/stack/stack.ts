import { join } from "node:path";
import {
  CommandError,
  type ConfigMap,
  type EngineEvent,
  LocalWorkspace,
  type LocalWorkspaceOptions,
  type OutputMap,
  PulumiCommand,
  type Stack,
  StackAlreadyExistsError,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { projectRoot } from "../../../infra/bundle.ts";
import { type ProgramParts, program } from "../../../infra/program.ts";
import { UserError } from "../../errors.ts";
import { tellReason } from "./engine-errors.ts";
import { exportEncrypted } from "./export-state.ts";
import { type EngineParts, type Operation, operate } from "./operate.ts";
import { providePulumi } from "./provide-pulumi.ts";
import { findStackAccount, type StackAccount } from "./stack-account.ts";

/** How many resources by operation, without those that stay. Empty: nothing changes. */
export type Changes = Readonly<Record<string, number>>;

/** How a run differs from a plain `pulumi up` of this checkout. */
export interface RunOptions {
  /** What the program takes from outside, as the bundle of another version. */
  readonly parts?: Partial<ProgramParts>;
  /** Another program than this project's. */
  readonly program?: () => Promise<Record<string, unknown>>;
  /** Asks the account first what it really has. */
  readonly refresh?: boolean;
  /** Runs this project's policy pack too, where the CLI can. */
  readonly policyPacks?: readonly string[];
  /** Another settings file than the stack's own. */
  readonly configFile?: string;
  /** Seconds to wait for a stack that another run holds. */
  readonly patience?: number;
  readonly onEvent?: (event: EngineEvent) => void;
  readonly onWait?: (who: string) => void;
}

/** A resource in a stack's state, as far as the commands read it. Secrets are in it encrypted. */
const stateResource = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  protect: z.boolean().optional(),
  retainOnDelete: z.boolean().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
});
const state = z.object({ resources: z.array(stateResource).nullish() });

/** The same with everything else that is in it. */
const looseState = z.looseObject({
  resources: z.array(z.looseObject({ ...stateResource.shape })).nullish(),
});

/** A resource in a stack's state. */
export type StateResource = z.infer<typeof stateResource>;

/**
 * A stack of this project, driven through Pulumi's Automation API. The program is this checkout's own
 * and runs in this process, so no language host is needed; state and diffs are those of `npx pulumi up`.
 */
export class ProjectStack {
  readonly name: string;
  /** Name of the Pulumi project. */
  readonly project: string;
  readonly #stack: Stack;

  private constructor(name: string, project: string, stack: Stack) {
    this.name = name;
    this.project = project;
    this.#stack = stack;
  }

  /**
   * Opens a stack that is there.
   * @throws UserError where it is not, or the backend cannot be read.
   */
  static async open(name: string): Promise<ProjectStack> {
    const project = await readProjectName();
    return explain(name, async () => {
      const stack = await LocalWorkspace.selectStack(toArgs(name, project), await findOptions());
      return new ProjectStack(name, project, stack);
    });
  }

  /** Opens a stack, and makes it where it is not there. @throws UserError as `open`. */
  static async openOrCreate(name: string): Promise<ProjectStack> {
    const project = await readProjectName();
    return explain(name, async () => {
      const args = toArgs(name, project);
      const found = await findOptions();
      const stack = await LocalWorkspace.createOrSelectStack(args, found).catch(
        (error: unknown) => {
          // Another run has made it in between.
          if (error instanceof StackAlreadyExistsError)
            return LocalWorkspace.selectStack(args, found);
          throw error;
        },
      );
      return new ProjectStack(name, project, stack);
    });
  }

  /** What an `up` would do. @throws UserError with what the engine reported. */
  async preview(given: RunOptions = {}): Promise<Changes> {
    const { changeSummary } = await this.#run("preview", given, (parts, shared) =>
      this.#stack.preview({ ...shared, ...parts }),
    );
    return listChanges(changeSummary);
  }

  /** Deploys. @throws UserError with what the engine reported. */
  async up(given: RunOptions = {}): Promise<Changes> {
    return (await this.deploy(given)).changes;
  }

  /** Deploys, and gives back the outputs too, secret ones in clear. @throws UserError as `up`. */
  async deploy(
    given: RunOptions = {},
  ): Promise<{ readonly changes: Changes; readonly outputs: OutputMap }> {
    const { summary, outputs } = await this.#run("deploy", given, (parts, shared) =>
      this.#stack.up({ ...shared, ...parts }),
    );
    return { changes: listChanges(summary.resourceChanges), outputs };
  }

  /** Takes over into the state what the account really has. @throws UserError as `up`. */
  async refresh(given: Omit<RunOptions, "parts" | "program" | "refresh"> = {}): Promise<Changes> {
    const { summary } = await this.#run("refresh", given, (parts) => this.#stack.refresh(parts));
    return listChanges(summary.resourceChanges);
  }

  /**
   * Deletes everything of the stack but what is protected. The stack itself stays.
   * @throws UserError as `up`.
   */
  async destroy(
    given: Omit<RunOptions, "parts" | "program"> & { readonly excludeProtected?: boolean } = {},
  ): Promise<Changes> {
    const { excludeProtected = false, refresh = false } = given;
    const { summary } = await this.#run("destroy", given, (parts) =>
      this.#stack.destroy({ ...parts, refresh, excludeProtected }),
    );
    return listChanges(summary.resourceChanges);
  }

  /** Removes the stack, its history and its settings file. What it still holds would be left behind. */
  async remove(): Promise<void> {
    await explain(this.name, () => this.#stack.workspace.removeStack(this.name));
  }

  /** Its outputs, secret ones in clear: never print them all. */
  outputs(): Promise<OutputMap> {
    return explain(this.name, () => this.#stack.outputs());
  }

  /** Its settings, secret ones in clear. */
  config(): Promise<ConfigMap> {
    return explain(this.name, () => this.#stack.getAllConfig());
  }

  /** What its state holds. */
  async resources(): Promise<readonly StateResource[]> {
    return readState(this.name);
  }

  /**
   * Changes resources in the state, in one write. Nothing in the account changes by it.
   * @throws UserError where another run holds the stack.
   */
  async editResources(
    change: (resource: StateResource) => StateResource,
    onWait?: (who: string) => void,
  ): Promise<void> {
    const operation = { stack: this.name, verb: "edit the state of", onWait };
    await operate(operation, async () => {
      const { deployment, ...rest } = await exportEncrypted(this.name);
      const { resources, ...others } = looseState.parse(deployment);
      const changed = (resources ?? []).map((each) => change(each as StateResource));
      await this.#stack.importStack({ ...rest, deployment: { ...others, resources: changed } });
    });
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

  /** Removes a tag. One that is not there is no error. */
  async removeTag(key: string): Promise<void> {
    if (!Object.hasOwn(await this.tags(), key)) return;
    await explain(this.name, () => this.#stack.workspace.removeTag(this.name, key));
  }

  /** How its account is reached. @throws UserError where no account or token is named. */
  async account(permission: string): Promise<StackAccount> {
    return findStackAccount(this.project, await this.config(), permission);
  }

  /** The Automation API's own, for what is not here. */
  get automation(): Stack {
    return this.#stack;
  }

  #run<Result>(
    verb: string,
    given: Omit<RunOptions, "parts">,
    run: (parts: EngineParts, shared: object) => Promise<Result>,
  ): Promise<Result> {
    const { parts: programParts, refresh, policyPacks, configFile } = given as RunOptions;
    const { program: other } = given as RunOptions;
    const { patience, onEvent, onWait } = given;
    const operation: Operation = { stack: this.name, verb, patience, onEvent, onWait };
    const shared = {
      program: other ?? (async () => ({ ...(await program(programParts)) })),
      ...(refresh !== undefined && { refresh }),
      ...(policyPacks !== undefined && { policyPacks: [...policyPacks] }),
      ...(configFile !== undefined && { configFile }),
    };
    return atProgram(() => operate(operation, (parts) => run(parts, shared)));
  }
}

/**
 * What a stack's state holds, without opening it: the person's own choice of a stack stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function readResources(name: string): Promise<readonly StateResource[]> {
  await providePulumi();
  return readState(name);
}

async function readState(name: string): Promise<readonly StateResource[]> {
  return state.parse((await exportEncrypted(name)).deployment).resources ?? [];
}

/** Stacks of this project in the backend. @throws UserError where the backend cannot be read. */
export async function listStacks(): Promise<string[]> {
  await providePulumi();
  return explain("", async () => {
    const workspace = await LocalWorkspace.create(await findOptions());
    return (await workspace.listStacks()).map(({ name }) => name);
  });
}

/**
 * Tags of a stack, without opening it: the person's own choice of a stack stays.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function readTags(name: string): Promise<Readonly<Record<string, string>>> {
  await providePulumi();
  return explain(name, async () => {
    const workspace = await LocalWorkspace.create(await findOptions());
    return workspace.listTags(name);
  });
}

/** The CLI, once it is found: finding it asks for its version. */
let command: Promise<PulumiCommand> | undefined;

async function findOptions(): Promise<LocalWorkspaceOptions> {
  command ??= PulumiCommand.get();
  return { workDir: projectRoot, pulumiCommand: await command };
}

function toArgs(stackName: string, projectName: string) {
  return { stackName, projectName, program: async () => ({ ...(await program()) }) };
}

/** Finds the CLI, too. */
export async function readProjectName(): Promise<string> {
  await providePulumi();
  const workspace = await LocalWorkspace.create(await findOptions());
  return (await workspace.projectSettings()).name;
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

/** @throws UserError where the CLI refuses. */
async function explain<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackNotFoundError) {
      throw new UserError(
        `--stack: there is no stack "${name}" in this Pulumi backend. \`npx pulumi stack ls\` lists those there are; \`npx pulumi whoami -v\` says which backend it is.`,
      );
    }
    if (error instanceof CommandError) {
      throw new UserError(
        `Pulumi cannot read ${name === "" ? "the backend" : `the stack "${name}"`}:\n${tellReason(error)}`,
      );
    }
    throw error;
  }
}

function listChanges(changes: Readonly<Record<string, number>> | undefined): Changes {
  // The program reads its own last outputs.
  const { same: _same, read: _read, ...changed } = changes ?? {};
  return changed;
}
