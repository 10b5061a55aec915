import { createTwoFilesPatch } from "diff";
import { isMap, parseDocument } from "yaml";
import { replaceFile } from "../../../infra/replace-file.ts";
import { UserError } from "../../errors.ts";
import { toSettingsFile, toSettingsPath } from "../stack/settings-file.ts";
import type { PlannedSettings } from "./plan-settings.ts";

/** Writes a stack's settings file. */
export async function writeSettingsFile(stack: string, text: string): Promise<void> {
  await replaceFile(toSettingsPath(stack), text);
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
  const document = parseSettings(stack, text);
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [name, value] of Object.entries(settings)) {
    document.setIn(["config", `${project}:${name}`], document.createNode(value));
  }
  return document.toString({ lineWidth: 0 });
}

/** The file without these settings; everything else, comments too, stays as it is. */
export function removeSettings(
  stack: string,
  text: string,
  project: string,
  names: readonly string[],
): string {
  const document = parseSettings(stack, text);
  const config = document.get("config");
  if (!isMap(config)) return text;
  const gone = names.filter((name) => config.delete(`${project}:${name}`));
  if (gone.length === 0) return text;
  const isAlone = isMap(document.contents) && document.contents.items.length === 1;
  if (config.items.length === 0 && !isAlone) document.delete("config");
  return document.toString({ lineWidth: 0 });
}

/** Names of the settings that a file has, encrypted ones too. */
export function listSettings(stack: string, text: string, project: string): Set<string> {
  const config = parseSettings(stack, text).get("config");
  const keys = isMap(config) ? config.items.map(({ key }) => String(key)) : [];
  const prefix = `${project}:`;
  return new Set(keys.flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : [])));
}

/** @throws UserError where the file is no YAML. */
function parseSettings(stack: string, text: string) {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new UserError(`${toSettingsFile(stack)} is no YAML: ${document.errors[0]?.message}`);
  }
  return document;
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
  const name = toSettingsFile(stack);
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
