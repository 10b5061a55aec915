import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode } from "../../errors.ts";
import { toFileName } from "./short-name.ts";

/** Name of a stack's settings file. */
export function toSettingsFile(stack: string): string {
  return `Pulumi.${toFileName(stack)}.yaml`;
}

/** Absolute path of a stack's settings file: Pulumi looks for it beside Pulumi.yaml. */
export function toSettingsPath(stack: string): string {
  return join(projectRoot, toSettingsFile(stack));
}

/** Text of a stack's settings file; empty where there is none: all may be defaults. */
export async function readSettingsFile(stack: string): Promise<string> {
  try {
    return await readFile(toSettingsPath(stack), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}
