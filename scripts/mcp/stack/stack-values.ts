import type * as z from "zod";
import { decodeSetting } from "../../../infra/read-settings.ts";
import { type SettingName, secretSettings, settingsSchema } from "../../../infra/settings.ts";

/** One setting as Pulumi gives it: lists and objects as JSON, secrets in clear. Never print one. */
export interface SettingValue {
  readonly value: string;
  readonly secret: boolean;
}

/** Settings by their name, without the project's. One that is empty is not among them. */
export type StackValues = Readonly<Record<string, SettingValue>>;

export interface SettingChange {
  readonly name: string;
  readonly isSecret: boolean;
  /** As a person writes it; undefined for a secret's, and if it was not set. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly kind: "set" | "removed" | "changed";
}

/** The project's own settings out of all that a stack has. An empty value counts as none. */
export function pickSettings(
  project: string,
  values: Readonly<Record<string, { readonly value: string; readonly secret?: boolean }>>,
): StackValues {
  const prefix = `${project}:`;
  return Object.fromEntries(
    Object.entries(values)
      .filter(([key, { value }]) => key.startsWith(prefix) && value !== "" && value !== "[]")
      .map(([key, { value, secret = false }]) => [key.slice(prefix.length), { value, secret }]),
  );
}

/** The differences, by name. A secret's value is compared and never shown. */
export function compareSettings(before: StackValues, after: StackValues): SettingChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name): SettingChange[] => {
    const [was, is] = [before[name], after[name]];
    if (was?.value === is?.value) return [];
    const isSecret = name in secretSettings || was?.secret === true || is?.secret === true;
    const show = (setting: SettingValue | undefined) =>
      isSecret ? undefined : (setting?.value ?? showDefault(name));
    // It was the default, and is now said.
    if (!isSecret && show(was) === show(is)) return [];
    const kind = was === undefined ? "set" : is === undefined ? "removed" : "changed";
    return [{ name, isSecret, kind, before: show(was), after: show(is) }];
  });
}

/** The value that counts, if the setting is one of the server's own and fits; else undefined. */
export function readSetting<Name extends SettingName>(values: StackValues, name: Name) {
  const given = values[name]?.value;
  const schema: z.ZodType = settingsSchema.shape[name];
  const { data } = schema.safeParse(given === undefined ? undefined : decodeSetting(given));
  return data as z.infer<typeof settingsSchema>[Name] | undefined;
}

/** Whether a setting is the server's own, and not one of a tool's. */
export function isServerSetting(name: string): boolean {
  return name in settingsSchema.shape || name in secretSettings;
}

function showDefault(name: string): string | undefined {
  if (!(name in settingsSchema.shape)) return undefined;
  const { success, data } = settingsSchema.shape[name as SettingName].safeParse(undefined);
  if (!success || data === undefined || data === "") return undefined;
  if (Array.isArray(data) && data.length === 0) return undefined;
  return typeof data === "string" ? data : JSON.stringify(data);
}
