import { chmodSync, mkdirSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { toTokenFile } from "../../infra/local-token.ts";
import { UserError } from "../errors.ts";

/** Name of the file whose lock says that somebody works in the folder. */
const lockFile = "in-use";

/**
 * Holds a folder for one cloud: two would each end the other's runtime and overwrite its records. The
 * lock is SQLite's, which the system releases with the process, however it ends. The folder is closed to
 * other people of this machine: the secrets of Workers lie in it.
 */
export class FolderLock implements Disposable {
  readonly #directory: string;
  readonly #database: DatabaseSync;

  /** @throws UserError if another cloud works in the folder. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    this.#database = new DatabaseSync(join(directory, lockFile));
    try {
      this.#database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;");
    } catch {
      this.#database.close();
      throw new UserError(
        `Another local cloud works in ${directory}. Stop it first: one folder holds one cloud.`,
      );
    }
  }

  /** Removes what is in the folder, but for its token. */
  async clear(): Promise<void> {
    const names = await readdir(this.#directory);
    await Promise.all(
      names
        .map((name) => join(this.#directory, name))
        .filter((path) => path !== toTokenFile(this.#directory))
        .filter((path) => !path.startsWith(join(this.#directory, lockFile)))
        .map((path) => rm(path, { recursive: true, force: true })),
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}
