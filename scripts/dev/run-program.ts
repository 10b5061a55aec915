import type { ChildProcess } from "node:child_process";
import { UserError } from "../errors.ts";
import type { ProgramAnswer, ProgramRequest, ProgramResult } from "./declared-resource.ts";
import { rest, startProgram } from "./start-program.ts";

/** Milliseconds that a process waits for the next change: somebody who edits settings does so again soon. */
const spareLife = 5 * 60_000;

/** The program could not run, as the Worker cannot be built. The message names the place. */
export class BrokenBuild extends UserError {}

/**
 * Runs the stack's program in a process of its own.
 * @throws UserError with the program's own words if it refuses the stack; BrokenBuild if the Worker
 *   cannot be built.
 */
export async function runProgram(request: ProgramRequest): Promise<ProgramResult> {
  return ask(startProgram(), request);
}

/**
 * Runs the program again and again, each time in a new process, so that changed files are read. The process of
 * the next run is started ahead and loads the SDKs, which takes longer than the run; it is ended when nothing
 * comes for some minutes, as it keeps their memory. `prepare` starts it: beside a reload it would take the
 * processor from it.
 */
export class ProgramRunner implements Disposable {
  #spare: ChildProcess | undefined;
  #late: NodeJS.Timeout | undefined;

  /**
   * @param givenUp ends the run early, when nobody wants its result any more.
   * @throws as `runProgram`, and the reason of `givenUp`.
   */
  async run(request: ProgramRequest, givenUp?: AbortSignal): Promise<ProgramResult> {
    givenUp?.throwIfAborted();
    const child = this.#take() ?? startProgram();
    const end = () => child.kill();
    givenUp?.addEventListener("abort", end, { once: true });
    try {
      return await ask(child, request);
    } catch (error) {
      givenUp?.throwIfAborted();
      throw error;
    } finally {
      givenUp?.removeEventListener("abort", end);
    }
  }

  [Symbol.dispose](): void {
    this.#take()?.kill();
  }

  #take(): ChildProcess | undefined {
    clearTimeout(this.#late);
    const spare = this.#spare;
    this.#spare = undefined;
    return spare?.connected ? spare : undefined;
  }

  /** Starts the process of the next run, unless it is there. */
  prepare(): void {
    const spare = this.#take();
    this.#spare = spare ?? startProgram();
    this.#late = setTimeout(() => this.#take()?.kill(), spareLife);
    this.#late.unref();
    rest(this.#spare);
  }
}

async function ask(child: ChildProcess, request: ProgramRequest): Promise<ProgramResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProgramAnswer>();
  child.ref();
  child.channel?.ref();
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
