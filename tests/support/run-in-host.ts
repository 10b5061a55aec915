import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { CommandRequest } from "./command-host.ts";
import { compileCache } from "./compile-cache.ts";
import type { Ending } from "./program.ts";

/** The process that runs commands, for all tests of this one. */
let host: ChildProcess | undefined;

/** One at a time: variables and the working folder are the process's. */
let last: Promise<unknown> = Promise.resolve();

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
  const run = last.then(() => ask({ file, args, environment, cwd }));
  last = run.catch(() => undefined);
  return run;
}

async function ask(request: CommandRequest): Promise<Ending> {
  if (!host?.connected) host = start();
  const child = host;
  const { promise, resolve, reject } = Promise.withResolvers<Ending>();
  const fail = (code: number | null) => reject(new Error(`The command ended with code ${code}.`));
  child.once("message", resolve);
  child.once("exit", fail);
  child.ref();
  child.channel?.ref();
  try {
    child.send(request);
    return await promise;
  } finally {
    child.off("message", resolve);
    child.off("exit", fail);
    child.unref();
    child.channel?.unref();
  }
}

function start(): ChildProcess {
  return fork(join(import.meta.dirname, "command-host.ts"), {
    // Without vitest's own arguments.
    execArgv: [],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
