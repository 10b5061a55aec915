import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { listDescendants } from "../support/checkout.ts";

/** Resident memory of a process and all below it, in megabytes. */
export async function measureMemory(pid: number): Promise<number> {
  const pids = [pid, ...(await listDescendants(pid))].join(",");
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", pids]);
  return stdout
    .trim()
    .split(/\s+/)
    .reduce((sum, kilobytes) => sum + Number(kilobytes) / 1024, 0);
}

/** Prints what was measured. */
export function report(name: string, figures: number[], unit: string): void {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  console.log(`${name}: min ${at(0)}, median ${at(0.5)}, max ${at(1)} ${unit}`);
}

/** Resolves after so many milliseconds. */
export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
