import { readFileSync } from "node:fs";
import { listDescendants } from "../support/checkout.ts";

/** Clock ticks of Linux in a second. */
const ticks = 100;

/** CPU milliseconds that a process has used, its threads included. Linux only. */
export function readCpu(pid: number): number {
  const [user = 0, system = 0] = readTimes(pid);
  return user + system;
}

/**
 * CPU milliseconds in user and system mode, then those of children that were waited for (proc(5), fields 14 to 17).
 * None of a process that has ended.
 */
function readTimes(pid: number): number[] {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields.slice(11, 15).map((each) => (Number(each) * 1000) / ticks);
}

/** Resident memory of a process in megabytes. None of one that has ended. */
export function readMemory(pid: number): number {
  return readSize(pid, "VmRSS");
}

/** The most resident memory that a process has had so far, in megabytes. None of one that has ended. */
export function readPeakMemory(pid: number): number {
  return readSize(pid, "VmHWM");
}

/** A size by its name in proc_pid_status(5), in megabytes. */
function readSize(pid: number, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readIfThere(`/proc/${pid}/status`));
  return Number(found?.[1] ?? 0) / 1024;
}

/** Process ids of every workerd below this process. */
export async function listWorkerd(): Promise<number[]> {
  const pids = await listDescendants(process.pid);
  return pids.filter((pid) => readIfThere(`/proc/${pid}/comm`).startsWith("workerd"));
}

/** A file of a process. Empty: the process has ended. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Resident memory of a process and all below it, in megabytes. */
export async function measureMemory(pid: number): Promise<number> {
  const pids = [pid, ...(await listDescendants(pid))];
  return pids.reduce((sum, each) => sum + readMemory(each), 0);
}

/** CPU milliseconds of a process and all below it, those included that have ended. */
export async function measureTreeCpu(pid: number): Promise<number> {
  const pids = [pid, ...(await listDescendants(pid))];
  return pids.reduce((sum, each) => sum + readTimes(each).reduce((all, time) => all + time, 0), 0);
}
