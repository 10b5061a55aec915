import {
  CommandError,
  LocalWorkspace,
  type LocalWorkspaceOptions,
  PulumiCommand,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import { program } from "../../../infra/program.ts";
import { UserError } from "../../errors.ts";
import { explainCli, NoSuchStack, providePulumi, runPulumi } from "./cli.ts";
import { tellReason } from "./engine-events.ts";

/** The CLI, once it is found: finding it asks for its version. */
let command: Promise<PulumiCommand> | undefined;

/** @param workDir folder of the project. @throws UserError if there is no CLI. */
async function findOptions(workDir = projectRoot): Promise<LocalWorkspaceOptions> {
  await providePulumi();
  command ??= explain("", () => PulumiCommand.get());
  return { workDir, pulumiCommand: await command };
}

/** A project, for what is read of its stacks. @throws UserError if there is no CLI. */
export async function openProject(workDir = projectRoot): Promise<LocalWorkspace> {
  return LocalWorkspace.create(await findOptions(workDir));
}

/**
 * The project with this checkout's program. Opening or making a stack in it leaves the person's own
 * choice of a stack: the next plain `pulumi up` must not meet production because drift looked at it.
 */
export async function createWorkspace(): Promise<LocalWorkspace> {
  const workspace = await LocalWorkspace.create({
    ...(await findOptions()),
    program: async () => ({ ...(await program()) }),
  });
  return Object.assign(workspace, {
    selectStack: async (name: string) => void (await workspace.listTags(name)),
    createStack,
  });
}

/** @throws StackAlreadyExists, or what the CLI said. */
async function createStack(name: string): Promise<void> {
  try {
    const args = ["stack", "init", name, "--no-select"];
    await runPulumi(args, `Pulumi cannot make the stack "${name}"`);
  } catch (error) {
    const isThere = error instanceof UserError && /stack .* already exists/.test(error.message);
    throw isThere ? new StackAlreadyExists() : error;
  }
}

/** Another run has made the stack meanwhile. */
export class StackAlreadyExists extends Error {}

export async function readProjectName(): Promise<string> {
  return (await (await openProject()).projectSettings()).name;
}

/**
 * Stacks of this project in the backend, by the names that `--stack` takes: one of another organization
 * than the person's own begins with it (`toShortName` leaves it away).
 * @throws UserError if the backend cannot be read.
 */
export async function listStacks(): Promise<string[]> {
  return explain("", async () => {
    const workspace = await openProject();
    return (await workspace.listStacks()).map(({ name }) => name);
  });
}

/**
 * Tags of a stack.
 * @throws UserError if it is not there, or the backend cannot be read.
 */
export async function readTags(name: string): Promise<Readonly<Record<string, string>>> {
  return explain(name, async () => (await openProject()).listTags(name));
}

/** @throws UserError if the CLI refuses. */
export async function explain<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackNotFoundError) {
      throw new NoSuchStack(name);
    }
    if (error instanceof CommandError) {
      const what = name === "" ? "the backend" : `the stack "${name}"`;
      throw new UserError(explainCli(`Pulumi cannot read ${what}`, tellReason(error)));
    }
    throw error;
  }
}
