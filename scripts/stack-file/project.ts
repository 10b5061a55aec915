import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode, UserError } from "../errors.ts";
import { isValueMap, readYaml } from "./read.ts";
import type { Value } from "./value.ts";

/** Pulumi.yaml, as far as it is read here. */
export interface Project {
  readonly name: string;
  /** The declarations for all stacks; undefined if there are none. */
  readonly config: Value | undefined;
}

/**
 * Reads the Pulumi.yaml of a folder.
 * @throws UserError if there is none, and for one that cannot be read or names no project.
 */
export async function readProject(folder: string): Promise<Project> {
  const file = "Pulumi.yaml";
  const content = readYaml((await readText(join(folder, file))) ?? "", file);
  const name = isValueMap(content) ? content.get("name") : undefined;
  if (!isValueMap(content) || typeof name !== "string") {
    throw new UserError(
      `${file} in ${folder}: it names no project. Is this the checkout's folder?`,
    );
  }
  return { name, config: content.get("config") };
}

/** Text of a file; undefined: there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
