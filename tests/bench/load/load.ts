import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Jobs } from "./jobs.ts";

/** What comes back. */
interface Done {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A process of its own that makes load, so that the work of clients does not count as the benchmark's. */
export class Load implements Disposable {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #count = 0;

  constructor() {
    this.#child = fork(join(import.meta.dirname, "main.ts"), {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (message) => this.#take(message as Done));
    this.#child.on("exit", (code) => {
      const gone = new Error(`The process that makes load ended with ${code}.`);
      for (const { reject } of this.#waiting.values()) reject(gone);
    });
  }

  /** Does a job. @throws Error with what went wrong over there. */
  async run<Name extends keyof Jobs>(
    name: Name,
    job: Parameters<Jobs[Name]>[0],
  ): Promise<Awaited<ReturnType<Jobs[Name]>>> {
    this.#count += 1;
    const done = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#count, done);
    this.#child.send({ id: this.#count, name, job });
    return (await done.promise) as Awaited<ReturnType<Jobs[Name]>>;
  }

  [Symbol.dispose](): void {
    this.#child.removeAllListeners("exit");
    this.#child.kill();
  }

  #take({ id, result, error }: Done): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) done?.resolve(result);
    else done?.reject(new Error(error));
  }
}
