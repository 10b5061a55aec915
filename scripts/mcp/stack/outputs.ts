import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { projectRoot } from "../../../infra/bundle.ts";
import { stackType } from "../../../infra/resource-types.ts";
import { hasCode, tellError, UserError } from "../../errors.ts";
import { findPulumi, findPulumiHome, NoSuchStack, runPulumi } from "./cli.ts";
import { toFileName } from "./short-name.ts";

/** A stack's outputs by name; secret ones are masked or encrypted, unless they were opened. */
export type StackOutputs = Readonly<Record<string, unknown>>;

/** The project a stack is of: that of the working directory, else this checkout. */
export function findProject(): string {
  return existsSync("Pulumi.yaml") ? process.cwd() : projectRoot;
}

/**
 * The one reader of a stack's outputs: with the Pulumi CLI, or, while there is none, from the state file of
 * a file backend.
 * @returns no outputs for a stack that was never deployed.
 * @throws UserError for a stack that is not there, or cannot be read.
 */
export async function readStackOutputs(
  stack: string,
  project = findProject(),
): Promise<StackOutputs> {
  const isInstalled = (await findPulumi(projectRoot)) !== undefined;
  const folder = isInstalled ? undefined : await findStateFolder(project);
  return folder === undefined ? askPulumi(stack, project) : readStateFile(folder, stack, project);
}

/** The same with secret ones in clear: never print them all. @throws UserError also if they cannot be opened. */
export function openStackOutputs(stack: string, project = findProject()): Promise<StackOutputs> {
  return askPulumi(stack, project, ["--show-secrets"]);
}

async function askPulumi(
  stack: string,
  cwd: string,
  options: readonly string[] = [],
): Promise<StackOutputs> {
  const args = ["stack", "output", "--json", "--stack", stack, ...options];
  try {
    const complaint = `--stack: Pulumi cannot read the stack "${stack}"`;
    return JSON.parse(await runPulumi(args, complaint, { cwd })) as StackOutputs;
  } catch (error) {
    if (tellError(error).includes("no stack named")) throw new NoSuchStack(stack);
    throw error;
  }
}

const projectFile = z.object({
  name: z.string(),
  backend: z.object({ url: z.string().optional() }).optional(),
});

/** Pulumi's state file of a stack, as far as it is read here. */
const stateFile = z.object({
  checkpoint: z.object({
    latest: z
      .object({
        resources: z
          .array(
            z.object({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() }),
          )
          .optional(),
      })
      .nullish(),
  }),
});

/**
 * Folder of a project's file backend, found as Pulumi finds it: PULUMI_BACKEND_URL, the project's own
 * setting, or the last login. Undefined: the backend is not a folder, or nobody is logged in.
 */
export async function findStateFolder(project: string): Promise<string | undefined> {
  const url =
    process.env.PULUMI_BACKEND_URL ||
    (await readProject(project)).backend?.url ||
    (await readLastLogin());
  if (!url?.startsWith("file://")) return undefined;
  const path = url.slice("file://".length).replace(/^~(?=\/|$)/, homedir());
  return resolve(project, path);
}

/**
 * Outputs in the state file of a stack.
 * @throws UserError for a stack that is not there, or a file that is not Pulumi's.
 */
async function readStateFile(
  folder: string,
  stack: string,
  project: string,
): Promise<StackOutputs> {
  const { name } = await readProject(project);
  const file = join(folder, ".pulumi/stacks", name, `${toFileName(stack)}.json`);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw new NoSuchStack(stack);
    throw error;
  }
  try {
    const { checkpoint } = stateFile.parse(JSON.parse(text));
    const root = checkpoint.latest?.resources?.find(({ type }) => type === stackType);
    return root?.outputs ?? {};
  } catch {
    throw new UserError(`--stack: ${file} is not a Pulumi state file that can be read here.`);
  }
}

/** A project's file, as far as it is read here. @param project its folder. */
export async function readProject(project: string): Promise<z.infer<typeof projectFile>> {
  return projectFile.parse(parse(await readFile(join(project, "Pulumi.yaml"), "utf8")));
}

async function readLastLogin(): Promise<string | undefined> {
  try {
    const text = await readFile(join(findPulumiHome(), "credentials.json"), "utf8");
    return z.object({ current: z.string() }).parse(JSON.parse(text)).current;
  } catch {
    return undefined;
  }
}
