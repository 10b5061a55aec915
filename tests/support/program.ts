import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { patience } from "./patience.ts";

/** Milliseconds a program that was asked to end may still take. */
const grace = 30_000;

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
   * @param cwd where it runs; by default where the tests run.
   */
  constructor(
    file: string,
    args: readonly string[],
    environment: Record<string, string>,
    cwd: string = process.cwd(),
  ) {
    this.#child = spawn(process.execPath, [file, ...args], {
      cwd,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#stdout = new Output(this.#child.stdout);
    this.#stderr = new Output(this.#child.stderr);
    this.#ended = once(this.#child, "close").then(([code]: (number | null)[]) => code ?? null);
  }

  /** Waits until the program has printed something, and gives back the match. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    const over = new AbortController();
    const found = await Promise.race([
      this.#stdout.waitFor(pattern, over.signal),
      this.#stderr.waitFor(pattern, over.signal),
      this.#ended.then(() => undefined),
    ]).finally(() => over.abort());
    if (found !== undefined) return found;
    throw new Error(`The program ended without printing ${pattern}:\n${this.#printed()}`);
  }

  /** Process id. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("The program did not start.");
    return this.#child.pid;
  }

  /** Everything the program has printed so far. */
  get printed(): string {
    return this.#printed();
  }

  /** Looks at nothing more of what was printed until now: what is waited for next is still to come. */
  forget(): void {
    this.#stdout.text = "";
    this.#stderr.text = "";
  }

  /** Sends a signal, as Ctrl-C at a terminal sends SIGINT. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the program ends by itself. */
  async end(): Promise<Ending> {
    const late = setTimeout(() => this.#stop(), patience);
    const code = await this.#ended;
    clearTimeout(late);
    return { code, stdout: this.#stdout.text, stderr: this.#stderr.text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#stop();
    await this.#ended;
  }

  /** Asks it to end, so that it ends its own children, and then makes it. */
  #stop(): void {
    this.#child.kill();
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), grace);
    void this.#ended.then(() => clearTimeout(kill));
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

  /**
   * Waits until the pattern is in what was written.
   * @param over ends the waiting without an answer. Default: nothing does.
   * @throws Error where it does not come.
   */
  waitFor(pattern: RegExp, over?: AbortSignal): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const stop = () => {
      clearTimeout(late);
      this.#stream?.off("data", look);
      over?.removeEventListener("abort", stop);
    };
    const late = setTimeout(() => {
      stop();
      reject(new Error(`Nothing printed ${pattern} within ${patience} ms:\n${this.text}`));
    }, patience).unref();
    const look = () => {
      const match = pattern.exec(this.text);
      if (match === null) return;
      stop();
      resolve(match);
    };
    over?.addEventListener("abort", stop);
    this.#stream?.on("data", look);
    look();
    return promise;
  }
}
