import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CommandRequest } from "./command-host.ts";
import type { Ending } from "./program.ts";
import { runCli } from "./run-cli.ts";
import { StayingProcess } from "./staying-process.ts";

/** What folders held when a command was run from there. */
interface Sources {
  /** When each file was changed last, which is read more quickly than its contents. */
  readonly times: string;
  readonly digest: string;
}

/**
 * Runs commands as `runCli` does, but one after the other in a process that stays: most of a short command's time is the
 * loading of its modules. A command is over when nothing is left that would keep a process of its own from ending.
 * Variables, arguments, folder, output, exit code and connections are each command's own; what a module remembers is
 * not. One that begins while another runs has a process of its own, as at another terminal.
 * For commands that need no process to themselves; one that is interrupted or ended from outside is for `runCli`.
 */
export class CommandHost implements AsyncDisposable {
  readonly #process = new StayingProcess<CommandRequest, Ending>("command-host.ts", () => ({
    PATH: process.env.PATH,
  }));
  /** By folders. */
  readonly #loaded = new Map<string, Sources>();
  #isBusy = false;

  /**
   * @param file absolute path of the command's module.
   * @param environment all of it: nothing is inherited.
   * @param folders where it loads from beside packages. If what was loaded from there is no longer what they hold, a
   * new process begins. Default: nobody changes them.
   */
  async run(
    file: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    cwd: string,
    folders: readonly string[] = [],
  ): Promise<Ending> {
    if (this.#isBusy) return runCli(file, args, environment, cwd);
    this.#isBusy = true;
    try {
      if (this.#areChanged(folders)) await this[Symbol.asyncDispose]();
      return await this.#process.ask({ file, args, environment, cwd });
    } finally {
      this.#isBusy = false;
    }
  }

  /** Ends the process; the next command would begin another. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }

  /** A copy that is made again at the same place may hold the same. */
  #areChanged(folders: readonly string[]): boolean {
    const before = this.#loaded.get(folders.join());
    const files = folders.flatMap(listFiles);
    const times = files.map((path) => `${path} ${statSync(path).ctimeMs}`).join();
    if (times === before?.times) return false;
    const contents = createHash("sha256");
    for (const path of files) contents.update(`${path}\n`).update(readFileSync(path));
    const digest = contents.digest("hex");
    this.#loaded.set(folders.join(), { times, digest });
    return before !== undefined && before.digest !== digest;
  }
}

const host = new CommandHost();

/** Runs a command in a `CommandHost` that stays as long as this process. */
export const runInHost: CommandHost["run"] = (...command) => host.run(...command);

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
