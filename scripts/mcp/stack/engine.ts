import {
  CommandError,
  LocalWorkspace,
  PulumiCommand,
  Stack,
  StackNotFoundError,
} from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import type { ProgramParts } from "../../../infra/program.ts";
import { UserError } from "../../errors.ts";
import { explainReading, findFetched, NoSuchStack, providePulumi } from "./cli.ts";
import { tellReason } from "./engine-events.ts";

// Loaded when the engine runs: Pulumi's SDK is most of what a command loads.

/**
 * A stack that is there, in the project with this checkout's program. Opening it leaves the person's own choice of a
 * stack: the next plain `pulumi up` must not meet production because drift looked at it.
 * @throws UserError if there is no CLI.
 */
export async function openEngine(name: string): Promise<Stack> {
  await providePulumi();
  const fetched = await findFetched(projectRoot);
  const pulumiCommand =
    fetched === undefined ? await explain("", () => PulumiCommand.get()) : createCommand();
  const workspace = await LocalWorkspace.create({
    workDir: projectRoot,
    pulumiCommand,
    // Every run but a destroy brings its own.
    program: () => runProgram(),
  });
  if (fetched !== undefined) {
    Object.defineProperty(workspace, "pulumiVersion", { value: fetched.version });
  }
  const selectStack = async () => {};
  const stack = await Stack.select(name, Object.assign(workspace, { selectStack }));
  return Object.assign(stack, answersAtOnce);
}

/** This checkout's program, loaded when it runs: to destroy, nobody needs it. */
export async function runProgram(parts?: Partial<ProgramParts>): Promise<Record<string, unknown>> {
  const { program } = await import("../../../infra/program.ts");
  return { ...(await program(parts)) };
}

/** The CLI on PATH, not asked for its version, as `PulumiCommand.get` does: a process more for each command. */
function createCommand(): PulumiCommand {
  const command: Pick<PulumiCommand, "command" | "version"> = { command: "pulumi", version: null };
  return Object.assign(Object.create(PulumiCommand.prototype) as PulumiCommand, command);
}

/**
 * What the Automation API asks the CLI after each run, in three processes one after the other. Its summary has come
 * with the events by then, and outputs are read by those who want them.
 */
export const answersAtOnce = { outputs: async () => ({}), info: async () => undefined };

/** @throws UserError if the CLI refuses. */
export async function explain<Answer>(name: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof StackNotFoundError) throw new NoSuchStack(name);
    if (error instanceof CommandError) throw new UserError(explainReading(name, tellReason(error)));
    throw error;
  }
}
