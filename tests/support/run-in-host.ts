import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CommandRequest } from "./command-host.ts";
import type { Ending } from "./program.ts";
import { runCli } from "./run-cli.ts";
import { StayingProcess } from "./staying-process.ts";

/**
 * Runs commands of one checkout as `runCli` does, but one after the other in a process that stays: most of a short
 * command's time is the loading of its modules. A command is over when nothing is left that would keep a process of
 * its own from ending. Variables, arguments, folder, output, exit code and connections are each command's own; what a
 * module remembers is not. One that begins while another runs has a process of its own, as at another terminal.
 * For commands that need no process to themselves; one that is interrupted or ended from outside is for `runCli`.
 */
export class CommandHost implements AsyncDisposable {
  readonly #process = new StayingProcess<CommandRequest, Ending>("command-host.ts", () => ({
    PATH: process.env.PATH,
  }));
  readonly #sources: readonly string[];
  #loaded = "";
  #isBusy = false;

  /** @param sources folders of what commands load beside packages: after a change there, a new process loads it. */
  constructor(sources: readonly string[] = []) {
    this.#sources = sources;
  }

  /**
   * @param file absolute path of the command's module.
   * @param environment all of it: nothing is inherited.
   */
  async run(
    file: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    cwd: string,
  ): Promise<Ending> {
    if (this.#isBusy) return runCli(file, args, environment, cwd);
    this.#isBusy = true;
    try {
      const found = this.#sources.map(describeFiles).join();
      if (found !== this.#loaded) await this.#process[Symbol.asyncDispose]();
      this.#loaded = found;
      return await this.#process.ask({ file, args, environment, cwd });
    } finally {
      this.#isBusy = false;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}

const host = new CommandHost();

/** Runs a command of this checkout in a `CommandHost` that stays as long as this process. */
export const runInHost: typeof runCli = (...command) => host.run(...command);

/** What is different after any change of a file in a folder. */
function describeFiles(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${name} ${statSync(join(folder, name)).ctimeMs}`)
    .join();
}
