import { type ChildProcess, fork } from "node:child_process";
import { enableCompileCache } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Account of a program that deploys nowhere: the form is right, the account does not exist. */
const placeholderAccountId = "0".repeat(32);

let ahead: ChildProcess | undefined;

/**
 * Starts the process of the first run before anything else is loaded: it loads Pulumi's SDKs, which takes longest of
 * all that a start waits for.
 */
export function startProgramAhead(): void {
  ahead = forkProgram();
  rest(ahead);
}

/** A process that loads the SDKs and then waits for a request. It ends with this one. */
export function startProgram(): ChildProcess {
  const child = ahead?.connected ? ahead : forkProgram();
  ahead = undefined;
  return child;
}

/** Lets this process end while that one waits. */
export function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

function forkProgram(): ChildProcess {
  return fork(join(import.meta.dirname, "program-child.ts"), {
    cwd: root,
    env: {
      ...process.env,
      CLOUDFLARE_ACCOUNT_ID: placeholderAccountId,
      // The SDKs are large: compiled once, they load in two thirds of the time.
      NODE_COMPILE_CACHE: enableCompileCache().directory,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
