import { readFileSync } from "node:fs";
import { listDescendants } from "../support/checkout.ts";

/** Clock ticks of Linux in a second. */
const ticks = 100;

/** CPU milliseconds that a process has used, its threads included. Linux only. */
export function readCpu(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // utime and stime (proc(5), fields 14 and 15).
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks;
}

/** Resident memory of a process in megabytes. */
export function readMemory(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (found === null) throw new Error(`Process ${pid} has no memory: it has ended.`);
  return Number(found[1]) / 1024;
}

/** Process ids of every workerd below this process. */
export async function listWorkerd(): Promise<number[]> {
  const pids = await listDescendants(process.pid);
  return pids.filter((pid) => readName(pid).startsWith("workerd"));
}

function readName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8");
  } catch {
    // It has ended since.
    return "";
  }
}
