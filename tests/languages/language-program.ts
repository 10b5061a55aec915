import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Person } from "../support/person.ts";
import { Output } from "../support/program.ts";

/** A line that a program prints when it has done something. */
export interface Answer {
  readonly did: string;
  /** Why it could not. */
  readonly error?: string;
  readonly [field: string]: unknown;
}

/**
 * A program with the MCP SDK of another language. It does what it is asked, one thing after the other;
 * where it opens a browser, its person goes through the pages, and the redirect reaches it.
 */
export class LanguageProgram implements AsyncDisposable {
  /** The authorization URLs that its person was sent to. */
  readonly opened: URL[] = [];
  /** What it printed and was told, for people. Codes, states and the like are left out. */
  readonly transcript: string[] = [];
  readonly #child: ChildProcess;
  readonly #stderr: Output;
  readonly #ended: Promise<number | null>;
  readonly #lines: AsyncIterator<string>;
  readonly #person: Person;

  /** @param token sent as a header, in place of a login. */
  constructor(command: readonly string[], person: Person, token?: string) {
    const [file = "", ...args] = command;
    // No proxy and no setting of the machine's is for it.
    const { PATH = "", HOME = "" } = process.env;
    // Python's would lie in the checkout.
    const own = { PYTHONDONTWRITEBYTECODE: "1", ...(token !== undefined && { MCP_TOKEN: token }) };
    const env = { PATH, HOME, ...own };
    this.#child = spawn(file, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    this.#stderr = new Output(this.#child.stderr);
    this.#ended = once(this.#child, "close").then(([code]: (number | null)[]) => code ?? null);
    if (this.#child.stdout === null) throw new Error("The program has no output.");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#person = person;
  }

  /** Tells the program what to do, and waits until it is done. */
  ask(command: string): Promise<Answer> {
    this.transcript.push(`> ${command}`);
    this.#child.stdin?.write(`${command}\n`);
    return this.answer();
  }

  /** Waits until it has done something, and answers for its person until then. */
  async answer(): Promise<Answer> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) {
        throw new Error(`The program ended with ${await this.#ended}:\n${this.#stderr.text}`);
      }
      const line = JSON.parse(value) as Answer | { readonly open: string };
      if (!("open" in line)) {
        this.transcript.push(value);
        return line as Answer;
      }
      const url = new URL(String(line.open));
      this.opened.push(url);
      this.transcript.push(`opens ${withoutSecrets(url)}`);
      await this.#person.authorize(url, { followToClient: true });
    }
  }

  /** Closes its input, and waits until it ends by itself. @returns its exit code. */
  end(): Promise<number | null> {
    this.#child.stdin?.end();
    return this.#ended;
  }

  /** What it said beside its lines. */
  get complaints(): string {
    return this.#stderr.text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

function withoutSecrets(url: URL): string {
  const shown = new URL(url);
  for (const name of ["client_id", "state", "code_challenge"]) shown.searchParams.set(name, "…");
  return decodeURIComponent(shown.href.replaceAll("+", " "));
}
