import { rm } from "node:fs/promises";
import { type ConfigFile, readConfigFile, writeConfigFile } from "./config-file.ts";

/** What a file was before an entry was written: a copy beside it, or a note that there was none. */
export interface Backup {
  /** Path of the copy or the note. */
  readonly path: string;
  /** Undefined: there was no file. */
  readonly before: ConfigFile | undefined;
}

/** @param name of the entry: each has its own backup of the file. */
export async function readBackup(file: string, name: string): Promise<Backup | undefined> {
  const { copy, note } = pathsOf(file, name);
  const before = await readConfigFile(copy);
  if (before.bytes !== undefined) return { path: copy, before };
  const noted = await readConfigFile(note);
  return noted.bytes === undefined ? undefined : { path: note, before: undefined };
}

/** Keeps what a file is now. @returns the path of the copy or the note. */
export async function makeBackup(file: ConfigFile, name: string): Promise<string> {
  await removeBackup(file.path, name);
  const { copy, note } = pathsOf(file.path, name);
  if (file.bytes === undefined) await writeConfigFile(note, "");
  // With the mode of the file: it may hold secrets.
  else await writeConfigFile(copy, file.bytes, file.path);
  return file.bytes === undefined ? note : copy;
}

/** Removes a backup that is done with. */
export async function removeBackup(file: string, name: string): Promise<void> {
  const { copy, note } = pathsOf(file, name);
  await rm(copy, { force: true });
  await rm(note, { force: true });
}

function pathsOf(file: string, name: string) {
  return { copy: `${file}.${name}.bak`, note: `${file}.${name}.absent` };
}
