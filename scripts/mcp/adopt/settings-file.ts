import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { isMap, parseDocument } from "yaml";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode, UserError } from "../../errors.ts";
import { toShortName } from "../stack/short-name.ts";
import type { PlannedSettings } from "./plan-settings.ts";

/** Name of a stack's settings file. */
export function toFileName(stack: string): string {
  return `Pulumi.${toShortName(stack)}.yaml`;
}

/** A stack's settings file; empty where there is none. */
export async function readSettingsFile(stack: string): Promise<string> {
  try {
    return await readFile(join(projectRoot, toFileName(stack)), "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

/** Writes a stack's settings file. */
export async function writeSettingsFile(stack: string, text: string): Promise<void> {
  await writeFile(join(projectRoot, toFileName(stack)), text);
}

/**
 * The file with settings put in; everything else, comments too, stays as it is.
 * @throws UserError where the file is no YAML.
 */
export function addSettings(
  stack: string,
  text: string,
  project: string,
  settings: PlannedSettings,
): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new UserError(`${toFileName(stack)} is no YAML: ${document.errors[0]?.message}`);
  }
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [name, value] of Object.entries(settings)) {
    document.setIn(["config", `${project}:${name}`], document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

/** Values of a settings file that are in clear, as the engine hands them over. */
export function readPlainValues(text: string): Record<string, string> {
  const config: unknown = (parseDocument(text).toJS() as { config?: unknown } | null)?.config;
  return Object.fromEntries(
    Object.entries(config ?? {}).flatMap(([key, value]: [string, unknown]) =>
      isEncrypted(value) ? [] : [[key, toConfigText(value)]],
    ),
  );
}

/** A setting as the engine hands it over: lists and objects as JSON. */
export function toConfigText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What changes in the file, as a unified diff without its head; empty where nothing does. */
export function diffFile(stack: string, before: string, after: string): string {
  if (before === after) return "";
  const name = toFileName(stack);
  const patch = createTwoFilesPatch(
    before === "" ? "/dev/null" : name,
    name,
    before,
    after,
    "",
    "",
  );
  return patch.slice(patch.indexOf("---")).replace(/^\\ No newline.*\n/gm, "");
}

function isEncrypted(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
