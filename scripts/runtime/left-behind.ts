import { type ChildProcess, execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { hasCode } from "../errors.ts";

/** Name of the program that runs Workers. */
const workerd = "workerd";

/**
 * Keeps two runtimes from working on the same data: workerd outlives a process that is killed
 * (`kill -9`), and would go on firing alarms. Its process id and its owner's stand beside the data.
 */
export class ProcessRecord {
  readonly #file: string;

  constructor(dataDirectory: string) {
    this.#file = join(dataDirectory, "workerd.pid");
  }

  /** Ends what an earlier run left behind. */
  async endLeftBehind(): Promise<void> {
    const text = await readFile(this.#file, "utf8").catch(() => "");
    for (const line of text.split("\n").filter(Boolean)) {
      const [id = 0, owner = 0] = line.split(" ").map(Number);
      // Where its owner lives, it is at work: somebody serves the same data a second time.
      if (!isRunning(owner) && (await isWorkerd(id))) process.kill(id, "SIGKILL");
    }
    await rm(this.#file, { force: true });
  }

  /** Notes every workerd that is started while `start` runs. */
  async note<Result>(start: () => Promise<Result>): Promise<Result> {
    const started: unknown[] = [];
    const listen = (message: unknown) => void started.push(message);
    subscribe("child_process", listen);
    try {
      return await start();
    } finally {
      unsubscribe("child_process", listen);
      // Only now: Node announces a process before it has an id.
      const ids = started.map(findWorkerd).filter((id) => id !== undefined);
      if (ids.length > 0) {
        await mkdir(dirname(this.#file), { recursive: true });
        await writeFile(this.#file, ids.map((id) => `${id} ${process.pid}`).join("\n"));
      }
    }
  }
}

function findWorkerd(message: unknown): number | undefined {
  const { process: child } = message as { process: ChildProcess };
  return basename(child.spawnfile ?? "").startsWith(workerd) ? child.pid : undefined;
}

function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return !hasCode(error, "ESRCH");
  }
}

/** A process id may have been given to another program since. */
async function isWorkerd(id: number): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)("ps", ["-p", String(id), "-o", "comm="]);
    return basename(stdout.trim()).startsWith(workerd);
  } catch {
    return false;
  }
}
