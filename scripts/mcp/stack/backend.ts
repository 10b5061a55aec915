import type { ConfigMap, UpdateSummary } from "@pulumi/pulumi/automation/index.js";
import { projectRoot } from "../../../infra/bundle.ts";
import { UserError } from "../../errors.ts";
import { CliError, explainReading, NoSuchStack, runPulumi } from "./cli.ts";
import { tellSaid } from "./engine-events.ts";
import { readProject } from "./outputs.ts";

// What the Automation API would ask the CLI, without the API: loading Pulumi's SDK takes longer than an answer, and it
// asks for the CLI's version first.

export async function readProjectName(project = projectRoot): Promise<string> {
  return (await readProject(project)).name;
}

/**
 * Stacks of this project in the backend, by the names that `--stack` takes: one of another organization
 * than the person's own begins with it (`toShortName` leaves it away).
 * @throws UserError if the backend cannot be read.
 */
export async function listStacks(): Promise<string[]> {
  const stacks = JSON.parse(await ask("", ["stack", "ls", "--json"])) as { name: string }[];
  return stacks.map(({ name }) => name);
}

/** Tags of a stack. @throws UserError if it is not there, or the backend cannot be read. */
export async function readTags(stack: string): Promise<Readonly<Record<string, string>>> {
  return JSON.parse(await ask(stack, ["stack", "tag", "ls", "--json", "--stack", stack]));
}

/** @throws UserError as `readTags`. */
export async function setTag(stack: string, key: string, value: string): Promise<void> {
  await ask(stack, ["stack", "tag", "set", key, value, "--stack", stack]);
}

/** Removes a tag. A missing one is not an error. @throws UserError as `readTags`. */
export async function removeTag(stack: string, key: string): Promise<void> {
  await ask(stack, ["stack", "tag", "rm", key, "--stack", stack]);
}

/**
 * Settings of a stack, secret ones in clear.
 * @param project folder of the project. Default: this checkout.
 * @throws UserError as `readTags`, and if its secrets cannot be opened.
 */
export async function readConfig(stack: string, project?: string): Promise<ConfigMap> {
  const args = ["config", "--show-secrets", "--json", "--stack", stack];
  return JSON.parse(await ask(stack, args, project));
}

/** An update of a stack, as the CLI tells of it: times are text. */
export interface Update extends Pick<UpdateSummary, "kind" | "result" | "config"> {
  readonly startTime: string;
}

/** Last updates of a stack, the newest first, with their settings: secret ones in clear. @throws UserError as `readConfig`. */
export async function readHistory(stack: string, count: number): Promise<readonly Update[]> {
  const page = ["--page-size", String(count), "--page", "1"];
  const args = ["stack", "history", "--json", "--show-secrets", ...page, "--stack", stack];
  return JSON.parse(await ask(stack, args));
}

/** @throws StackAlreadyExists, or UserError with what the CLI said. */
export async function createStack(name: string): Promise<void> {
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

/** @param flags further ones, as `--force`. @throws UserError if the CLI refuses. */
export async function removeStack(stack: string, ...flags: readonly string[]): Promise<void> {
  await ask(stack, ["stack", "rm", "--yes", ...flags, stack]);
}

/** @param stack whom the question is about; empty: the whole backend. */
async function ask(stack: string, args: readonly string[], cwd = projectRoot): Promise<string> {
  try {
    return await runPulumi(args, "Pulumi", { cwd });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    if (/no stack named.*found/.test(error.said)) throw new NoSuchStack(stack);
    throw new UserError(explainReading(stack, tellSaid(error.said)));
  }
}
