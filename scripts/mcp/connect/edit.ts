import { rm } from "node:fs/promises";
import { UserError } from "../../errors.ts";
import type { Beside, ClientFile, Entry } from "./client.ts";
import {
  type ConfigFile,
  makeBackup,
  readBackup,
  readConfigFile,
  refuseReadOnly,
  removeBackup,
  writeConfigFile,
} from "./config-file.ts";
import { addBeside, removeBeside } from "./documents/beside.ts";
import {
  ConfigDocument,
  type DocumentFormat,
  EditFault,
  loadFormat,
  SyntaxFault,
} from "./documents/document.ts";

/** A change of one entry in a file, not yet made. */
export interface Edit {
  /** The file itself, if its path is a link. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** Whether an entry of this name is there that says something else. */
  readonly replaces: boolean;
  /** Whether the file goes: there was none before. */
  readonly removes: boolean;
  /** Makes it. @returns where the backup lies; undefined: none is needed any more. */
  carryOut(): Promise<string | undefined>;
}

export interface Place {
  readonly file: ClientFile;
  readonly path: string;
  readonly name: string;
}

/**
 * Plans to write an entry.
 * @throws UserError for a file that is not what its client reads.
 */
export async function planWrite(place: Place, entry: Entry, beside?: Beside): Promise<Edit> {
  const format = await loadFormat(place.file);
  const file = await readConfigFile(place.path);
  const document = open(format, place, file);
  const after = change(() => addBeside(document.withEntry(entry), beside), file.path);
  if (after !== file.text) await refuseReadOnly(file);
  return {
    path: file.path,
    before: file.text,
    after,
    replaces: document.entry !== undefined && !document.has(entry),
    removes: false,
    async carryOut() {
      // An older one shows what was there before the first entry of ours: with one in the file it stays.
      const older = document.entry && (await readBackup(file.path, place.name));
      const backup = older?.path ?? (await makeBackup(file, place.name));
      try {
        await writeConfigFile(file.path, file.mark + after);
      } catch (error) {
        // Nothing was written, so there is nothing to restore.
        if (older === undefined) await removeBackup(file.path, place.name);
        throw error;
      }
      return backup;
    },
  };
}

/**
 * Plans to restore what was there before. A file that was edited since keeps the edits: only the entry
 * goes, or becomes what it was.
 * @throws UserError if nothing was written, or a file is not what its client reads.
 */
export async function planUndo(place: Place, beside?: Beside): Promise<Edit> {
  const format = await loadFormat(place.file);
  const file = await readConfigFile(place.path);
  const backup = await readBackup(file.path, place.name);
  if (backup === undefined) {
    throw new UserError(
      `${file.path}: there is nothing to undo: no backup from before "${place.name}" is beside it. Was it written with another --stack, --url, --name or --project?`,
    );
  }
  const old = open(format, place, backup.before ?? { ...file, path: backup.path, text: "" });
  const now = open(format, place, file);
  const isUntouched = isAfter(now, old, undefined) || isAfter(now, old, beside);
  const isAdded = beside !== undefined && addBeside(old.text, beside) !== old.text;
  const after = isUntouched
    ? old.text
    : change(() => removeBeside(now.withEntryOf(old), isAdded ? beside : undefined), file.path);
  const removes = isUntouched && backup.before === undefined;
  if (after !== file.text) await refuseReadOnly(file);
  return {
    path: file.path,
    before: file.text,
    after,
    replaces: false,
    removes,
    async carryOut() {
      if (removes) await rm(file.path, { force: true });
      else if (isUntouched) await writeConfigFile(file.path, backup.before?.bytes ?? "");
      else if (after !== file.text) await writeConfigFile(file.path, file.mark + after);
      await removeBackup(file.path, place.name);
      return undefined;
    },
  };
}

function open(format: DocumentFormat, { file, name }: Place, { path, text }: ConfigFile) {
  try {
    return new ConfigDocument(format, file.section, name, text);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    throw new UserError(
      `${path}:${error.line}:${error.column}: ${error.message}. The file was left alone: correct it there, then try again.`,
    );
  }
}

/** Whether a file is what an older one becomes with the entry alone. */
function isAfter(now: ConfigDocument, old: ConfigDocument, beside: Beside | undefined): boolean {
  try {
    return now.entry !== undefined && addBeside(old.withEntry(now.entry), beside) === now.text;
  } catch (error) {
    if (error instanceof EditFault) return false;
    throw error;
  }
}

function change(edit: () => string, path: string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof EditFault)) throw error;
    throw new UserError(
      `${path}: the entry cannot be changed without changing more of the file, which was left alone. Change it by hand: \`connect\` without --write shows the entry.`,
    );
  }
}
