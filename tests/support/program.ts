import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A Node.js program in a process of its own, which ends with its scope. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #ended: Promise<number | null>;

  /**
   * Starts a program of `node_modules` or of the checkout.
   * @param environment all of it: nothing is inherited, so that no test hangs on the machine.
   */
  constructor(file: string, args: readonly string[], environment: Record<string, string>) {
    this.#child = spawn(process.execPath, [file, ...args], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#stdout = new Output(this.#child.stdout);
    this.#stderr = new Output(this.#child.stderr);
    this.#ended = once(this.#child, "close").then(([code]: (number | null)[]) => code ?? null);
  }

  /** Waits until the program has printed something, and gives back the match. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const found = await Promise.race([
      this.#stdout.waitFor(pattern),
      this.#stderr.waitFor(pattern),
      this.#ended.then(() => undefined),
    ]);
    if (found !== undefined) return found;
    throw new Error(`The program ended without printing ${pattern}:\n${this.#printed()}`);
  }

  /** Waits until the program ends by itself. */
  async end(): Promise<Ending> {
    const code = await this.#ended;
    return { code, stdout: this.#stdout.text, stderr: this.#stderr.text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill();
    await this.#ended;
  }

  #printed(): string {
    return `${this.#stdout.text}\n${this.#stderr.text}`;
  }
}

/** What a program writes to one of its streams. */
export class Output {
  text = "";
  readonly #stream: Readable | null;

  constructor(stream: Readable | null) {
    this.#stream = stream;
    stream?.setEncoding("utf8").on("data", (text: string) => {
      this.text += text;
    });
  }

  /** Waits until the pattern is in what was written; never settles where it does not come. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.text);
      if (match === null) return;
      this.#stream?.off("data", look);
      resolve(match);
    };
    this.#stream?.on("data", look);
    look();
    return promise;
  }
}
