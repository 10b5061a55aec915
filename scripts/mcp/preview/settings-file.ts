import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { replaceFile } from "../../../infra/replace-file.ts";
import { hasCode, UserError } from "../../errors.ts";
import { composeSettings, templateFile } from "./settings.ts";

/** Path of a stack's settings. */
function toPath(stack: string): string {
  return join(projectRoot, `Pulumi.${stack}.yaml`);
}

/**
 * Writes a preview's settings file anew, from `Pulumi.preview.yaml`. A fresh checkout has none.
 * @throws UserError where there is no template, or it fits no preview.
 */
export async function writeSettings(project: string, stack: string): Promise<void> {
  const template = await readText(join(projectRoot, templateFile));
  if (template === undefined) {
    throw new UserError(
      `${templateFile} is missing: it holds what every preview has. docs/previews.md shows one.`,
    );
  }
  const existing = await readText(toPath(stack));
  // A run that was killed may have left an empty one.
  const text = composeSettings(project, template, existing?.trim() ? existing : undefined);
  if (text !== existing) await replaceFile(toPath(stack), text);
}

/** Removes a preview's settings file, where there is one. */
export async function removeSettings(stack: string): Promise<void> {
  await rm(toPath(stack), { force: true });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}
