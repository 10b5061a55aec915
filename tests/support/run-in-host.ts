import type { CommandRequest } from "./command-host.ts";
import type { Ending } from "./program.ts";
import { StayingProcess } from "./staying-process.ts";

const host = new StayingProcess<CommandRequest, Ending>("command-host.ts", () => ({
  PATH: process.env.PATH,
}));

/**
 * Runs a command of this checkout as `runCli` does, but in a process that stays: most of a short command's time is the
 * loading of its modules. For commands that leave nothing in memory; that one ends with its process is for `runCli`.
 * @param file absolute path of the command's module.
 * @param environment all of it: nothing is inherited.
 */
export function runInHost(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  cwd: string,
): Promise<Ending> {
  return host.ask({ file, args, environment, cwd });
}
