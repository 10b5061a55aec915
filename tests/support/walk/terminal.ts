import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { patience, storyTime } from "../patience.ts";
import { Person } from "../person.ts";
import { Output } from "../program.ts";

/** The program of util-linux that gives another one a terminal. */
export const script = "/usr/bin/script";

/** How a command sends its person to the browser. */
const signInAddress = /go to:\s+(http\S+)\s/;

/** What `npm start` and `npm run cloud` print when they serve. */
const readyLine = /Ready in .*http/;

/**
 * A terminal as a person opens it: a clean shell, in which a line finds what the lines before it have exported
 * and the folder they have changed to. The same person signs in at the browser each time.
 */
export class Terminal implements AsyncDisposable {
  /** Everything that was typed and printed. */
  transcript = "";
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #servers: Server[] = [];
  readonly #person = new Person("ada@example.com");
  #cwd: string;

  /**
   * @param folder for what one line leaves to the next; nobody else writes there.
   * @param environment all that a new shell has.
   * @param cwd where the first shell is opened.
   */
  constructor(folder: string, environment: Readonly<Record<string, string>>, cwd: string) {
    this.#folder = folder;
    this.#environment = environment;
    this.#cwd = cwd;
  }

  /** Where the person is. */
  get cwd(): string {
    return this.#cwd;
  }

  /**
   * Runs a line to its end.
   * @param typed what the person types when they are asked; without it, the line has no terminal.
   * @param input what is in its standard input where it has no terminal.
   * @returns what it printed.
   * @throws Error with that, where it fails.
   */
  async run(line: string, { typed, input = "" }: Typing = {}): Promise<string> {
    this.transcript += `$ ${line}\n`;
    // Of a pipe it would have no width, and a question would have a letter a line.
    const sized = typed === undefined ? [] : ["stty cols 160 rows 50"];
    const checked = `{ ${line}\n} || exit`;
    const text = [...sized, ...this.#open(), checked, ...this.#leave()].join("\n");
    const child =
      typed === undefined
        ? this.#spawn("bash", ["--noprofile", "--norc", "-c", text])
        : this.#spawn(script, ["--quiet", "--return", "--command", text, "/dev/null"]);
    const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)] as const;
    // It may end without reading.
    child.stdin?.on("error", () => {});
    const ended = once(child, "close").then(([code]: (number | null)[]) => code ?? null);
    const late = setTimeout(() => end(child, "SIGKILL"), storyTime);
    try {
      if (typed === undefined) child.stdin?.end(input);
      else void answer(child, stdout, typed);
      const asked = unlessEnded(
        Promise.any([stdout.waitFor(signInAddress), stderr.waitFor(signInAddress)]),
      );
      const signedIn = asked.then((found) => {
        if (found === undefined) return;
        return this.#person.authorize(found[1] ?? "", { followToClient: true });
      });
      const code = await Promise.race([ended, signedIn.then(() => ended)]);
      const printed = stdout.text + stderr.text;
      this.transcript += printed;
      if (code !== 0) {
        const others = this.#servers.map(
          (one) => `\n$ ${one.line}\n${one.stdout.text.slice(-2000)}`,
        );
        throw new Error(`${line}\nended with ${code}:\n${printed}${others.join("")}`);
      }
      this.#cwd = (await readFile(join(this.#folder, "cwd"), "utf8")).trimEnd();
      return printed;
    } finally {
      clearTimeout(late);
      end(child, "SIGKILL");
    }
  }

  /**
   * Starts a line that serves until it is stopped, waits until it does, and opens another terminal in the
   * same folder.
   * @throws Error with what it printed, where it ends.
   */
  async serve(line: string): Promise<void> {
    this.transcript += `$ ${line}\n`;
    const text = [...this.#open(), line].join("\n");
    const child = this.#spawn("bash", ["--noprofile", "--norc", "-c", text]);
    child.stdin?.end();
    const [stdout, stderr] = [new Output(child.stdout), new Output(child.stderr)];
    this.#servers.push({ line, child, stdout });
    const ended = once(child, "close").then(() => {
      throw new Error(`${line}\nended:\n${stdout.text}${stderr.text}`);
    });
    await Promise.race([waitLong(stdout, readyLine), ended]);
    // It ends with its terminal.
    ended.catch(() => {});
    this.transcript += stdout.text;
    await rm(join(this.#folder, "exported"), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child: server } of this.#servers.splice(0)) {
      if (server.exitCode !== null || server.signalCode !== null) continue;
      const closed = once(server, "close");
      end(server, "SIGTERM");
      const kill = setTimeout(() => end(server, "SIGKILL"), patience);
      await closed;
      clearTimeout(kill);
    }
  }

  /** Lines that bring a shell to where the person is. */
  #open(): string[] {
    const exported = join(this.#folder, "exported");
    return [...(existsSync(exported) ? [`. '${exported}'`] : []), `cd '${this.#cwd}' || exit`];
  }

  #leave(): string[] {
    return [`export -p > '${this.#folder}/exported'`, `pwd > '${this.#folder}/cwd'`];
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    return spawn(program, args, {
      cwd: this.#folder,
      env: { ...this.#environment, SHELL: "/bin/bash", TERM: "xterm" },
      stdio: ["pipe", "pipe", "pipe"],
      // Its own process group: a signal to the shell alone would leave its commands running.
      detached: true,
    });
  }
}

/** A line that serves until it is stopped. */
interface Server {
  readonly line: string;
  readonly child: ChildProcess;
  readonly stdout: Output;
}

/** What a person gives to a line that asks. */
export interface Typing {
  /** At a terminal: what a line asks, in its order, and what they type then. */
  readonly typed?: readonly (readonly [question: RegExp, answer: string])[];
  /** From a pipe. */
  readonly input?: string;
}

/** `PATH` of a shell outside of npm's scripts, which put the programs of packages before all others. */
export function findPath(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.filter((folder) => !folder.includes("node_modules")).join(delimiter);
}

/** Types each answer when its question is there: what comes before it would be lost. */
async function answer(
  { stdin }: ChildProcess,
  output: Output,
  typed: NonNullable<Typing["typed"]>,
): Promise<void> {
  for (const [question, text] of typed) {
    const found = await unlessEnded(output.waitFor(question));
    if (found !== undefined) stdin?.write(`${text}\r`);
  }
}

/** What an output has not printed when its program ends is not waited for. */
function unlessEnded<Found>(found: Promise<Found>): Promise<Found | undefined> {
  return found.catch(() => undefined);
}

/** Waits as long as a story may take: packages may be installed first. */
async function waitLong(output: Output, pattern: RegExp): Promise<void> {
  for (let waited = patience; ; waited += patience) {
    try {
      await output.waitFor(pattern);
      return;
    } catch (error) {
      if (waited >= storyTime) throw error;
    }
  }
}

function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // All of it has ended.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
