import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode } from "../../errors.ts";
import { isRecord, readJson } from "../../json.ts";
import { runPulumi } from "./cli.ts";
import { toFileName } from "./short-name.ts";

export function toSettingsFile(stack: string): string {
  return `Pulumi.${toFileName(stack)}.yaml`;
}

/** Absolute path of a stack's settings file: Pulumi looks for it beside Pulumi.yaml. */
export function toSettingsPath(stack: string): string {
  return join(projectRoot, toSettingsFile(stack));
}

/** Text of a stack's settings file; empty if there is none: all may be defaults. */
export async function readSettingsFile(stack: string): Promise<string> {
  try {
    return await readFile(toSettingsPath(stack), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

interface SecretSetting {
  readonly stack: string;
  /** With its project, as `remote-mcp-server:probeSecret`. */
  readonly key: string;
  readonly value: string;
  /** Settings file that it is written to. Default: the stack's own. */
  readonly file?: string;
}

/**
 * Encrypts a setting and writes it down.
 * @throws UserError if the CLI does not take it, with the value out of what the CLI said.
 */
export async function setSecret({ stack, key, value, file }: SecretSetting): Promise<void> {
  const args = ["config", "set", "--secret", "--stack", stack];
  if (file !== undefined) args.push("--config-file", file);
  await runPulumi([...args, key], `${key} could not be set for ${stack}`, { input: value });
}

/**
 * Names of the settings in which two Workers' SETTINGS differ, as `server.title`. No secret is among the
 * settings that a Worker is given, and the values are not told all the same.
 * @param before the binding's value, as JSON or as what it says.
 */
export function listChangedSettings(before: unknown, after: unknown): string[] {
  return listPaths(readJson(before), readJson(after), "");
}

function listPaths(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [path];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    listPaths(before[key], after[key], path === "" ? key : `${path}.${key}`),
  );
}
