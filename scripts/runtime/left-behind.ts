import { type ChildProcess, execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

/** Name of the program that runs Workers. */
const workerd = "workerd";

/**
 * Keeps two runtimes from working on the same data: workerd outlives a process that is killed
 * (`kill -9`), and would keep firing alarms. The process ids of both are written beside the data, at each
 * start: miniflare starts another workerd by itself when one dies.
 */
export class ProcessRecord {
  readonly #file: string;

  constructor(dataDirectory: string) {
    this.#file = join(dataDirectory, "workerd.pid");
  }

  /** Ends what an earlier run left behind. */
  async endLeftBehind(): Promise<void> {
    const kept: string[] = [];
    for (const line of this.#read()) {
      const [id = 0, owner = 0] = line.split(" ").map(Number);
      const parent = await findParent(id);
      if (parent === undefined) continue;
      // Whose owner lives is at work: somebody serves the same data a second time.
      if (parent === owner) kept.push(line);
      else process.kill(id, "SIGKILL");
    }
    this.#write(kept);
  }

  /** Notes a process, if it is a workerd, as soon as it runs, in the place of this process's one before. */
  note(child: ChildProcess): void {
    child.once("spawn", () => {
      const isRuntime = basename(child.spawnfile ?? "").startsWith(workerd);
      if (isRuntime && child.pid !== undefined) this.#add(child.pid);
    });
  }

  #add(id: number): void {
    const others = this.#read().filter((line) => !line.endsWith(` ${process.pid}`));
    this.#write([...others, `${id} ${process.pid}`]);
  }

  #read(): string[] {
    try {
      return readFileSync(this.#file, "utf8").split("\n").filter(Boolean);
    } catch {
      return [];
    }
  }

  /** At once: a process that is killed in between would leave an unknown one behind. */
  #write(lines: readonly string[]): void {
    if (lines.length === 0) {
      rmSync(this.#file, { force: true });
      return;
    }
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    writeFileSync(this.#file, lines.join("\n"));
  }
}

/**
 * The process that started a workerd and lives, or another that the system put in its place. Undefined
 * if no workerd has this id: it may have been given to another program since.
 */
async function findParent(id: number): Promise<number | undefined> {
  if (!Number.isSafeInteger(id) || id <= 0) return undefined;
  const found = process.platform === "linux" ? readStat(id) : await askPs(id);
  return found !== undefined && basename(found.program).startsWith(workerd)
    ? found.parent
    : undefined;
}

interface Found {
  readonly program: string;
  readonly parent: number;
}

/** As the kernel tells it (proc(5)): `ps` is missing in slim images. */
function readStat(id: number): Found | undefined {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, "utf8");
    // The name may hold anything, a parenthesis too.
    const [, program = "", parent] = /^\d+ \((.*)\) \S (\d+) /s.exec(stat) ?? [];
    return { program, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

async function askPs(id: number): Promise<Found | undefined> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-p", String(id), "-o", "ppid=,comm="]);
    const [, parent, program = ""] = /^\s*(\d+)\s+(.*)$/.exec(stdout.trim()) ?? [];
    return { program, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
