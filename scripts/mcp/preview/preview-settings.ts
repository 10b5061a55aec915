import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isMap, YAMLMap } from "yaml";
import { projectRoot } from "../../../infra/bundle.ts";
import { replaceFile } from "../../../infra/replace-file.ts";
import { toSecretVariable } from "../../../infra/secret-source.ts";
import { secretSettings, settingsSchema } from "../../../infra/settings.ts";
import { collectNeeds } from "../../../infra/tool-needs.ts";
import { ownFeatures } from "../../../worker/features.ts";
import { hasCode, UserError } from "../../errors.ts";
import { findSetting, hasEncrypted, listKeys, openStackFile } from "../../stack-file/open.ts";
import { toKey } from "../../stack-file/read.ts";
import { readSettingsFile, setSecret, toSettingsPath } from "../stack/settings-file.ts";
import type { ProjectStack } from "../stack/stack.ts";

/** File that every preview's settings are made of, in the root of the checkout. */
export const templateFile = "Pulumi.preview.yaml";

/** Settings that two previews cannot have alike, or that fit none, each with the reason. */
const unfit: Readonly<Record<string, string>> = {
  scriptName: "each preview has a Worker of its own",
  publicUrl: "each preview has an address of its own",
  customDomain: "each preview has an address of its own",
  zone: "a preview answers at workers.dev",
  routes: "a preview answers at workers.dev",
  kvNamespaceId: "each preview has a namespace of its own, and never another stack's",
  kvProtection: "a preview goes with everything it has",
};

/** Keys that the CLI keeps in a stack's file so that secrets can be read. */
const secretKeys = ["encryptionsalt", "encryptedkey", "secretsprovider"] as const;

/**
 * Makes the settings file of one preview.
 * @param template text of `Pulumi.preview.yaml`.
 * @param existing text of the preview's own file, if it has one: its secrets, and what decrypts
 * them, stay.
 * @throws UserError for a template that fits no preview.
 */
export function composeSettings(project: string, template: string, existing?: string): string {
  const opened = read(template, templateFile);
  const { document } = opened;
  if (!isMap(document.get("config")))
    throw new UserError(`${templateFile}: it has no "config". Give it one.`);
  checkTemplate(project, document);
  if (existing !== undefined) keepSecrets(project, document, existing);
  document.commentBefore = ` Made of ${templateFile} by \`preview up\`, which writes it again each time: change that file.`;
  return opened.print();
}

function checkTemplate(project: string, document: Document): void {
  const value = (name: string) => document.getIn(findSetting(document, project, name));
  if (value("environment") !== "preview") {
    throw new UserError(
      `${templateFile}: ${project}:environment must be "preview": a stack that comes and goes has no cron trigger and protects nothing.`,
    );
  }
  for (const [name, reason] of Object.entries(unfit)) {
    if (value(name) !== undefined) {
      throw new UserError(`${templateFile}: remove ${project}:${name}: ${reason}.`);
    }
  }
  for (const name of listKeys(document)) {
    if (!hasEncrypted(document, ["config", name])) continue;
    throw new UserError(
      `${templateFile}: ${name} is encrypted for one stack and no other can read it. Remove it. \`preview up\` takes secrets that tools need from variables: MCP_API_KEY for apiKey.`,
    );
  }
}

function keepSecrets(project: string, document: Document, existing: string): void {
  const { document: own } = openStackFile(existing, "The preview's settings file");
  for (const name of secretKeys) {
    const value = own.get(name);
    if (value !== undefined) document.set(name, value);
  }
  for (const written of listKeys(own)) {
    if (!hasEncrypted(own, ["config", written])) continue;
    const value = own.getIn(["config", written], true);
    const name = toKey(written, project)?.replace(`${project}:`, "") ?? written;
    document.setIn(
      name.includes(":") ? ["config", name] : findSetting(document, project, name),
      value,
    );
  }
}

function read(text: string, file: string) {
  const opened = openStackFile(text, file);
  if (!(opened.document.contents instanceof YAMLMap)) throw new UserError(`${file} is empty.`);
  return opened;
}

/**
 * Writes a preview's settings file again, from `Pulumi.preview.yaml`. A fresh checkout has none.
 * @throws UserError if there is no template, or it fits no preview.
 */
export async function writePreviewSettings(project: string, stack: string): Promise<void> {
  const template = await readTemplate();
  const existing = await readSettingsFile(stack);
  // A run that was killed may have left an empty one.
  const text = composeSettings(project, template, existing.trim() === "" ? undefined : existing);
  if (text !== existing) await replaceFile(toSettingsPath(stack), text);
}

/** Removes a preview's settings file, if there is one. */
export async function removePreviewSettings(stack: string): Promise<void> {
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

/**
 * Gives a preview the secrets that its tools and its sign-in need, from variables: `MCP_API_KEY` for
 * `apiKey`, as the dev server takes them. A fresh runner has them nowhere else.
 * @throws UserError if the CLI does not take one.
 */
export async function giveSecrets(
  { project, name: stack }: ProjectStack,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const settings = [...Object.keys(settingsSchema.shape), ...Object.keys(secretSettings)];
  const needed = collectNeeds(ownFeatures.tools, { settings, bindings: [] }).secrets.keys();
  for (const name of new Set([...Object.keys(secretSettings), ...needed])) {
    const value = environment[toSecretVariable(name)];
    if (value === undefined || value === "") continue;
    await setSecret({ stack, key: `${project}:${name}`, value });
  }
}
