import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../../infra/bundle.ts";

/** A line of the compiler that names a place: `worker/tools/sum.ts(12,5): error TS2322: …` */
const problemLine = /^(?<file>[^\s(][^(]*)\((?<line>\d+),(?<column>\d+)\): error (?<code>TS\d+): /;

/**
 * Checks the types of `worker/` beside the dev server, in a process of its own that ends with each check:
 * esbuild drops types without looking at them, and a reload need not wait for this.
 */
export class TypeCheck implements Disposable {
  readonly #onResult: (text: string, isGood: boolean) => void;
  #child: ChildProcess | undefined;
  #wasGood = true;

  /** @param onResult told of each check that finds problems, and of the first one that finds them gone. */
  constructor(onResult: (text: string, isGood: boolean) => void) {
    this.#onResult = onResult;
  }

  /**
   * Checks what is there now.
   * @param isOld ends the check early: what it looks at has changed, and the reload needs the processor.
   */
  async run(isOld?: AbortSignal): Promise<void> {
    this.#child?.kill();
    if (isOld?.aborted) return;
    const child = spawn(
      process.execPath,
      [
        createRequire(import.meta.url).resolve("typescript/bin/tsc"),
        "-p",
        join(import.meta.dirname, "worker.tsconfig.json"),
        "--pretty",
        "false",
        "--incremental",
        "--tsBuildInfoFile",
        join(projectRoot, ".dev/types.tsbuildinfo"),
      ],
      { cwd: projectRoot, stdio: ["ignore", "pipe", "ignore"] },
    );
    this.#child = child;
    giveWay(child);
    isOld?.addEventListener("abort", () => child.kill(), { once: true });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const [code] = (await once(child, "close")) as [number | null];
    // Given up for a newer one, or ended with the dev server.
    if (code === null || child !== this.#child) return;
    this.#child = undefined;
    const problems = listProblems(output);
    if (problems.length > 0) {
      const count = problems.length === 1 ? "A type does" : `${problems.length} types do`;
      this.#onResult(
        [...problems, `${count} not fit. The code is served all the same.`].join("\n"),
        false,
      );
    } else if (!this.#wasGood) {
      this.#onResult("The types fit again.", true);
    }
    this.#wasGood = problems.length === 0;
  }

  [Symbol.dispose](): void {
    this.#child?.kill();
  }
}

/** Lets other processes go first, and still ends on a machine that is always busy. */
function giveWay({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or this system does not allow it: then it competes.
  }
}

/** The problems among the compiler's lines, each with its place as an editor opens it, and its details. */
function listProblems(output: string): string[] {
  const problems: string[] = [];
  for (const line of output.split("\n")) {
    const found = problemLine.exec(line)?.groups;
    if (found !== undefined) {
      const { file, line: row, column, code } = found;
      const message = line.slice(problemLine.exec(line)?.[0].length);
      problems.push(`${file}:${row}:${column}: ${message} (${code})`);
    } else if (/^\s+\S/.test(line)) {
      problems.push(`${problems.pop() ?? ""}\n${line}`);
    }
  }
  return problems;
}
