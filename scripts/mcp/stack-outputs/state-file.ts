import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod";
import { hasCode, UserError } from "../../errors.ts";
import { NoSuchStack } from "../stack/no-such-stack.ts";
import { toFileName } from "../stack/short-name.ts";
import type { StackOutputs } from "../stack-outputs.ts";
import { findPulumiHome } from "./find-pulumi.ts";

const projectFile = z.object({
  name: z.string(),
  backend: z.object({ url: z.string().optional() }).optional(),
});

/** What Pulumi writes for each stack, as far as it is read here. */
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
 * setting, or the last login. Undefined: the backend is no folder, or nobody is logged in.
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
export async function readStateFile(
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
    const root = checkpoint.latest?.resources?.find(({ type }) => type === "pulumi:pulumi:Stack");
    return root?.outputs ?? {};
  } catch {
    throw new UserError(`--stack: ${file} is no state file of Pulumi's that can be read here.`);
  }
}

async function readProject(project: string): Promise<z.infer<typeof projectFile>> {
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
