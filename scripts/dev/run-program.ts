import { fork } from "node:child_process";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { projectRoot } from "../../infra/bundle.ts";
import { UserError } from "../errors.ts";
import type { ProgramAnswer, ProgramRequest, ProgramResult } from "./declared-resource.ts";

/** Account of a program that deploys nowhere: the form is right, the account does not exist. */
const placeholderAccountId = "0".repeat(32);

/** The program could not run, as the Worker cannot be built. The message names the place. */
export class BrokenBuild extends UserError {}

/**
 * Runs the stack's program in a process of its own.
 * @throws UserError with the program's own words where it refuses the stack; BrokenBuild where the Worker
 *   cannot be built.
 */
export async function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  const child = fork(join(import.meta.dirname, "program-child.ts"), {
    cwd: projectRoot,
    env: {
      ...process.env,
      CLOUDFLARE_ACCOUNT_ID: placeholderAccountId,
      // The SDKs are large: compiled once, they load in two thirds of the time.
      NODE_COMPILE_CACHE: enableCompileCache().directory,
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const { promise, resolve, reject } = Promise.withResolvers<ProgramAnswer>();
  child.once("message", resolve);
  child.once("error", reject);
  child.once("exit", (code) => reject(new Error(`The program ended with code ${code}.`)));
  child.send(request);
  const answer = await promise;
  if ("problem" in answer) {
    throw answer.isBuildFailure ? new BrokenBuild(answer.problem) : new UserError(answer.problem);
  }
  return answer.result;
}
