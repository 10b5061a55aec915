import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type {
  ProgramAnswer,
  ProgramRequest,
  ProgramResult,
} from "../../scripts/dev/declared-resource.ts";
import { compileCache } from "./compile-cache.ts";

/** The process that runs the program, for all tests of this one. */
let host: ChildProcess | undefined;

/** Pulumi's SDK knows one program at a time in a process. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs the stack's program as the dev server does, but in a process that stays: it loads Pulumi's SDK, which takes
 * longer than the run, once for all servers that tests start.
 * @throws Error with the program's own words where it refuses the stack or cannot build the Worker.
 */
export function runAgain(request: ProgramRequest): Promise<ProgramResult> {
  const run = last.then(() => ask(request));
  last = run.catch(() => undefined);
  return run;
}

async function ask(request: ProgramRequest): Promise<ProgramResult> {
  if (!host?.connected) host = start();
  const child = host;
  const { promise, resolve, reject } = Promise.withResolvers<ProgramAnswer>();
  const fail = (code: number | null) => reject(new Error(`The program ended with code ${code}.`));
  child.once("message", resolve);
  child.once("exit", fail);
  child.ref();
  child.channel?.ref();
  try {
    child.send(request);
    const answer = await promise;
    if ("problem" in answer) throw new Error(answer.problem);
    return answer.result;
  } finally {
    child.off("message", resolve);
    child.off("exit", fail);
    child.unref();
    child.channel?.unref();
  }
}

function start(): ChildProcess {
  return fork(join(import.meta.dirname, "program-host.ts"), {
    // Without vitest's own arguments.
    execArgv: [],
    env: {
      ...process.env,
      // Of a program that deploys nowhere.
      CLOUDFLARE_ACCOUNT_ID: "0".repeat(32),
      NODE_COMPILE_CACHE: compileCache,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}
