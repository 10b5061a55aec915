import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMap } from "yaml";
import { decodeSetting } from "../../../infra/read-settings.ts";
import { findSetting, openStackFile } from "../../stack-file/open.ts";
import { readSettingsFile, setSecret, toSettingsFile } from "../stack/settings-file.ts";
import { isServerSetting, type StackValues } from "../stack/stack-values.ts";

/** Which stack, and what it has and had. */
export interface WayBackParts {
  readonly stack: string;
  readonly project: string;
  /** The settings to restore. */
  readonly before: StackValues;
  /** The settings as they are now. */
  readonly now: StackValues;
}

/**
 * The previous settings, as this checkout's program takes them. This checkout decides what tools need: a
 * setting of a tool that was added since stays as it is, and one of a tool that was removed is left out.
 */
export function mergeSettings(before: StackValues, now: StackValues): StackValues {
  const own = Object.entries(before).filter(([name]) => isServerSetting(name));
  const ofTools = Object.entries(now)
    .filter(([name]) => !isServerSetting(name))
    .map(([name, value]) => [name, before[name] ?? value] as const);
  return Object.fromEntries([...own, ...ofTools]);
}

/**
 * A settings file with the previous settings, beside the stack's own, which is not touched. Its
 * secrets are encrypted, only this user can read it, and it is gone with its scope.
 */
export class WayBackSettings implements AsyncDisposable {
  readonly file: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.file = join(folder, "Pulumi.way-back.yaml");
  }

  /** @throws UserError if the secrets cannot be encrypted. */
  static async write(parts: WayBackParts): Promise<WayBackSettings> {
    const made = new WayBackSettings(await mkdtemp(join(tmpdir(), "way-back-")));
    try {
      await made.#fill(parts);
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
    return made;
  }

  async #fill({ stack, project, before, now }: WayBackParts): Promise<void> {
    const wanted = mergeSettings(before, now);
    // With the key that the stack encrypts with, and the settings of other packages, as the API token.
    const opened = openStackFile(await readSettingsFile(stack), toSettingsFile(stack));
    const { document } = opened;
    if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
    const isKept = (name: string) =>
      wanted[name]?.secret && wanted[name].value === now[name]?.value;
    // Every name: a value that was set before may be the default now.
    for (const name of new Set([...Object.keys(now), ...Object.keys(wanted)])) {
      const key = findSetting(document, project, name);
      const setting = wanted[name];
      if (isKept(name)) continue;
      if (setting === undefined)
        document.setIn(key, isServerSetting(name) ? emptyOf(name, now) : "");
      else if (setting.secret) document.deleteIn(key);
      else document.setIn(key, document.createNode(decodeSetting(setting.value)));
    }
    // In quotes: Pulumi would take a bare date for a point in time.
    const yaml = opened.print({ defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
    await writeFile(this.file, yaml, { mode: 0o600 });
    for (const [name, { value, secret }] of Object.entries(wanted)) {
      if (!secret || isKept(name)) continue;
      await setSecret({ stack, key: `${project}:${name}`, value, file: this.file });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** The value that means "not set" if Pulumi.yaml declares a list. */
function emptyOf(name: string, now: StackValues): unknown {
  return now[name]?.value.startsWith("[") ? [] : "";
}
