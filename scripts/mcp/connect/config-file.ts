import { access, chmod, constants, readFile, readlink, realpath, rm, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";
import { replaceFile } from "../../../infra/replace-file.ts";
import { hasCode, UserError } from "../../errors.ts";

export interface ConfigFile {
  /** The file itself, if the path is a link. */
  readonly path: string;
  /** Undefined: there is no file. */
  readonly bytes: Buffer | undefined;
  /** Its text without a byte order mark; empty if there is no file. */
  readonly text: string;
  /** `\ufeff` if the file begins with one. */
  readonly mark: string;
}

/** @throws UserError for a file that cannot be read, or is not UTF-8. */
export async function readConfigFile(named: string): Promise<ConfigFile> {
  const path = await follow(named);
  try {
    const bytes = await readFile(path);
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
    return { path, bytes, text: text.slice(mark.length), mark };
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { path, bytes: undefined, text: "", mark: "" };
    if (hasCode(error, "ERR_ENCODING_INVALID_ENCODED_DATA")) {
      throw new UserError(`${path}: the file is not UTF-8, and was left alone. Save it as UTF-8.`);
    }
    throw explain(error, path);
  }
}

/**
 * Writes a file in one step, with the folders above it. A file that was there keeps its mode.
 * @param like the file whose mode it takes. Default: itself.
 * @throws UserError if it cannot be written.
 */
export async function writeConfigFile(
  path: string,
  content: string | Uint8Array,
  like = path,
): Promise<void> {
  try {
    const mode = await readMode(like);
    await replaceFile(path, content, mode === undefined ? {} : { mode });
    // The process's mask may have taken bits away.
    if (mode !== undefined) await chmod(path, mode);
  } catch (error) {
    throw explain(error, path);
  }
}

/**
 * Refuses a file that somebody has made read-only: taking its place would need a writable folder alone.
 * @throws UserError
 */
export async function refuseReadOnly({ path, bytes }: ConfigFile): Promise<void> {
  if (bytes === undefined) return;
  const mode = await readMode(path);
  // For root, `access` says yes to every file.
  const isWritable = (mode === undefined || (mode & 0o222) !== 0) && (await mayWrite(path));
  if (isWritable) return;
  throw new UserError(
    `${path}: the file is read-only, and was left alone. If another program or a repository of dotfiles makes it, add the entry there (\`connect\` without --write shows it); else make it writable, and try again.`,
  );
}

async function mayWrite(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The file behind links; the path itself if there is none. Links of a file that is not there yet, or
 * of a folder above it, are followed too: a manager of dotfiles makes them before the file.
 */
async function follow(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw explain(error, path);
  }
  const above = dirname(path);
  const folder = above === path ? above : await follow(above);
  const here = join(folder, basename(path));
  const target = await readTarget(here);
  return target === undefined ? here : follow(resolve(folder, target));
}

/** Where a link leads; undefined: there is no link. */
async function readTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    // On Windows, what is not a link is UNKNOWN.
    if (hasCode(error, "ENOENT") || hasCode(error, "EINVAL") || hasCode(error, "UNKNOWN")) {
      return undefined;
    }
    throw explain(error, path);
  }
}

async function readMode(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o7777;
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof Error && "code" in error && "syscall" in error) {
    return new UserError(`${path}: ${error.message}. The file was left as it was.`);
  }
  return error;
}

/** The file as it was before an entry was written: a copy beside it, or a note that there was none. */
interface Backup {
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

/** Beside the file; those of a file in this checkout where Git does not see them. */
function pathsOf(file: string, name: string) {
  const own = relative(projectRoot, file);
  const isOwn = !isAbsolute(own) && !own.startsWith("..");
  const base = isOwn ? join(projectRoot, ".dev/connect", own.replaceAll(sep, "+")) : file;
  return { copy: `${base}.${name}.bak`, note: `${base}.${name}.absent` };
}
