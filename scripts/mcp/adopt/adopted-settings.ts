import { createTwoFilesPatch } from "diff";
import { isMap } from "yaml";
import { replaceFile } from "../../../infra/replace-file.ts";
import { settingsSchema } from "../../../infra/settings.ts";
import { UserError } from "../../errors.ts";
import { findSetting, openStackFile } from "../../stack-file/open.ts";
import { readStackFile } from "../../stack-file/read.ts";
import { findEncrypted, toConfigText } from "../../stack-file/value.ts";
import { toSettingsFile, toSettingsPath } from "../stack/settings-file.ts";
import type { Address } from "./choose-address.ts";
import type { FoundWorker } from "./found-worker.ts";
import type { SortedBindings } from "./sort-bindings.ts";

/** Writes a stack's settings file. */
export async function writeSettingsFile(stack: string, text: string): Promise<void> {
  await replaceFile(toSettingsPath(stack), text);
}

/**
 * The file with settings put in; everything else, comments too, stays as it is.
 * @throws UserError if the file is not YAML.
 */
export function addSettings(
  stack: string,
  text: string,
  project: string,
  settings: PlannedSettings,
): string {
  const opened = openStackFile(text, toSettingsFile(stack));
  const { document } = opened;
  if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
  for (const [name, value] of Object.entries(settings)) {
    // A word in the place of a word keeps the comment behind it.
    const isWord = typeof value !== "object";
    const node = isWord ? value : document.createNode(value);
    document.setIn(findSetting(document, project, name), node);
  }
  return opened.print();
}

/** The file without these settings; everything else, comments too, stays as it is. */
export function removeSettings(
  stack: string,
  text: string,
  project: string,
  names: readonly string[],
): string {
  const opened = openStackFile(text, toSettingsFile(stack));
  const { document } = opened;
  const config = document.get("config");
  if (!isMap(config)) return text;
  const gone = names.filter((name) => document.deleteIn(findSetting(document, project, name)));
  if (gone.length === 0) return text;
  const isAlone = isMap(document.contents) && document.contents.items.length === 1;
  if (config.items.length === 0 && !isAlone) document.delete("config");
  return opened.print();
}

/** Names of the settings that a file has, encrypted ones too. */
export function listSettings(stack: string, text: string, project: string): Set<string> {
  const prefix = `${project}:`;
  const keys = [...readStackFile(text, toSettingsFile(stack), project)].map(([key]) => key);
  return new Set(keys.flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : [])));
}

/**
 * Values of a settings file that are in clear, as the engine hands them over.
 * @throws UserError if the file is not a settings file.
 */
export function readPlainValues(
  stack: string,
  text: string,
  project: string,
): Record<string, string> {
  const values = [...readStackFile(text, toSettingsFile(stack), project)];
  return Object.fromEntries(
    values.flatMap(([key, value]) =>
      findEncrypted(value).length > 0 ? [] : [[key, toConfigText(value)]],
    ),
  );
}

/** The changes in the file, as a unified diff without its head; empty if there are none. */
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

/** Settings of a stack, as they are in its file. */
export type PlannedSettings = Readonly<Record<string, unknown>>;

interface SettingParts {
  readonly live: FoundWorker;
  readonly address: Address;
  readonly bindings: SortedBindings;
  /** The endpoint of grants that name none; undefined if there are no such grants. */
  readonly legacyGrantResource: "mcp" | "sse" | undefined;
}

/**
 * Settings with which this project's program declares what is there.
 * @throws UserError if the Worker has a name that no stack can give.
 */
export function planSettings(parts: SettingParts): PlannedSettings {
  const { live, address, bindings, legacyGrantResource } = parts;
  if (!settingsSchema.shape.scriptName.safeParse(live.name).success) {
    throw new UserError(
      `--worker: "${live.name}" is not a name that a stack's Worker can have (a-z, 0-9 and -). Deploy it under another name first.`,
    );
  }
  const { migrationTag: tag, classes, crons } = live;
  const { customDomain, routes, publicUrl, outside } = address;
  const zone = customDomain?.zone ?? routes[0]?.zone;
  const [cron] = crons;
  const hasHistory = tag !== undefined || classes.length > 0;
  const schedule = settingsSchema.shape.purgeSchedule.safeParse(cron);
  const kept = bindings.kept.map(({ name }) => name);
  return {
    scriptName: live.name,
    // If nothing leads to the Worker, a stack could not serve.
    workersDev: live.workersDev || (customDomain === undefined && routes.length === 0),
    ...(customDomain !== undefined && { customDomain: customDomain.hostname }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(zone !== undefined && { zone }),
    ...(routes.length > 0 && { routes: routes.map(({ pattern }) => pattern) }),
    ...(crons.length === 1 && schedule.success && { purgeSchedule: cron }),
    // What is in it was there before the stack.
    kvProtection: true,
    ...((hasHistory || outside.length > 0) && {
      adopted: {
        ...(tag !== undefined && { tag }),
        ...(hasHistory && { classes }),
        ...(outside.length > 0 && { outside }),
      },
    }),
    ...(kept.length > 0 && { inheritedBindings: kept }),
    ...(legacyGrantResource !== undefined && { legacyGrantResource }),
  };
}
