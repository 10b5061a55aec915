import { execFile } from "node:child_process";
import { promisify } from "node:util";
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
import { tellReason } from "./engine-errors.ts";
import { providePulumi } from "./provide-pulumi.ts";

/** The CLI, once it is found: finding it asks for its version. */
let command: Promise<PulumiCommand> | undefined;

async function findOptions(): Promise<LocalWorkspaceOptions> {
  command ??= PulumiCommand.get();
  return { workDir: projectRoot, pulumiCommand: await command };
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
  const args = ["stack", "init", name, "--no-select", "--non-interactive"];
  try {
    await promisify(execFile)("pulumi", args, { cwd: projectRoot });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    if (/stack .* already exists/.test(said)) throw new StackAlreadyExists();
    throw said === "" ? error : new UserError(`Pulumi cannot make the stack "${name}":\n${said}`);
  }
}

/** The backend has no stack of this name. */
export class NoSuchStack extends UserError {}

/** Another run has made the stack meanwhile. */
export class StackAlreadyExists extends Error {}

/** Name of the Pulumi project. Finds the CLI, too. */
export async function readProjectName(): Promise<string> {
  await providePulumi();
  const workspace = await LocalWorkspace.create(await findOptions());
  return (await workspace.projectSettings()).name;
}

/**
 * Stacks of this project in the backend, by the names that `--stack` takes: one of another organization
 * than the person's own begins with it (`toShortName` leaves it away).
 * @throws UserError where the backend cannot be read.
 */
export async function listStacks(): Promise<string[]> {
  await providePulumi();
  return explain("", async () => {
    const workspace = await LocalWorkspace.create(await findOptions());
    return (await workspace.listStacks()).map(({ name }) => name);
  });
}

/**
 * Tags of a stack.
 * @throws UserError where it is not there, or the backend cannot be read.
 */
export async function readTags(name: string): Promise<Readonly<Record<string, string>>> {
  await providePulumi();
  return explain(name, async () => {
    const workspace = await LocalWorkspace.create(await findOptions());
    return workspace.listTags(name);
  });
}

/** @throws UserError where the CLI refuses. */
export async function explain<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackNotFoundError) {
      throw new NoSuchStack(
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
