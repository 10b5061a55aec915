import { homedir } from "node:os";
import { posix, win32 } from "node:path";

/** Whose configuration files: an operating system, a person's home, their variables. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function readMachine(): Machine {
  return { platform: process.platform, home: homedir(), env: process.env };
}

export function inHome({ platform, home }: Machine, ...parts: readonly string[]): string {
  return pathOf(platform).join(home, ...parts);
}

/**
 * A path below the folder of programs' settings: `~/Library/Application Support` on macOS, `%APPDATA%`
 * on Windows, `$XDG_CONFIG_HOME` (default `~/.config`) elsewhere.
 */
export function inAppSettings(machine: Machine, ...parts: readonly string[]): string {
  const { platform, env } = machine;
  if (platform === "darwin") return inHome(machine, "Library", "Application Support", ...parts);
  if (platform === "win32") {
    const folder = env.APPDATA || inHome(machine, "AppData", "Roaming");
    return win32.join(folder, ...parts);
  }
  return inXdgConfig(machine, ...parts);
}

/** A path below `$XDG_CONFIG_HOME`; the default, also if it is not absolute, is `~/.config`. */
export function inXdgConfig(machine: Machine, ...parts: readonly string[]): string {
  const named = machine.env.XDG_CONFIG_HOME ?? "";
  const folder = posix.isAbsolute(named) ? named : inHome(machine, ".config");
  return posix.join(folder, ...parts);
}

function pathOf(platform: NodeJS.Platform) {
  return platform === "win32" ? win32 : posix;
}
