import { chmod, readFile, realpath, stat } from "node:fs/promises";
import { replaceFile } from "../../../infra/replace-file.ts";
import { hasCode, UserError } from "../../errors.ts";

/** A configuration file as it lies on the disk. */
export interface ConfigFile {
  /** The file itself, where the path is a link. */
  readonly path: string;
  /** Undefined: there is no file. */
  readonly bytes: Buffer | undefined;
  /** Its text without a byte order mark; empty where there is no file. */
  readonly text: string;
  /** `\ufeff` where the file begins with one. */
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
 * @throws UserError where it cannot be written.
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

/** The file behind a link; the path itself where there is none. */
async function follow(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return path;
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
