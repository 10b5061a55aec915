import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { compileCache } from "./compile-cache.ts";

/**
 * A process that stays, and answers one request after the other with what it has loaded once. It begins with the first
 * request, and ends with its scope, at the latest with this process.
 */
export class StayingProcess<Request extends object, Answer> implements AsyncDisposable {
  readonly #module: string;
  readonly #variables: () => NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  /** One at a time: variables, the working folder and what a library knows one of are the process's. */
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param module what the process runs: path from this folder.
   * @param variables all that it begins with, beside the cache of what is compiled.
   */
  constructor(module: string, variables: () => NodeJS.ProcessEnv) {
    this.#module = join(import.meta.dirname, module);
    this.#variables = variables;
  }

  /** @throws Error where the process ends before it has answered. */
  ask(request: Request): Promise<Answer> {
    const answer = this.#last.then(() => this.#ask(request));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  /** Ends the process; the next request would begin another. */
  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.ref();
    child.kill();
    await ended;
  }

  async #ask(request: Request): Promise<Answer> {
    if (!this.#child?.connected) this.#child = this.#start();
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const fail = (code: number | null) =>
      reject(new Error(`${this.#module} ended with code ${code}.`));
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

  #start(): ChildProcess {
    return fork(this.#module, {
      // Without vitest's own arguments.
      execArgv: [],
      env: { ...this.#variables(), NODE_COMPILE_CACHE: compileCache },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }
}
