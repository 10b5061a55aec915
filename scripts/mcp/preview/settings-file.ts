import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { replaceFile } from "../../../infra/replace-file.ts";
import { hasCode, UserError } from "../../errors.ts";
import { readSettingsFile, toSettingsPath } from "../stack/settings-file.ts";
import { composeSettings, templateFile } from "./settings.ts";

/**
 * Writes a preview's settings file anew, from `Pulumi.preview.yaml`. A fresh checkout has none.
 * @throws UserError where there is no template, or it fits no preview.
 */
export async function writeSettings(project: string, stack: string): Promise<void> {
  const template = await readTemplate();
  const existing = await readSettingsFile(stack);
  // A run that was killed may have left an empty one.
  const text = composeSettings(project, template, existing.trim() === "" ? undefined : existing);
  if (text !== existing) await replaceFile(toSettingsPath(stack), text);
}

/** Removes a preview's settings file, where there is one. */
export async function removeSettings(stack: string): Promise<void> {
  await rm(toSettingsPath(stack), { force: true });
}

async function readTemplate(): Promise<string> {
  try {
    return await readFile(join(projectRoot, templateFile), "utf8");
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    throw new UserError(
      `${templateFile} is missing: it holds what every preview has. docs/previews.md shows one.`,
    );
  }
}
