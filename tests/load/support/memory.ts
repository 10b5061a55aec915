import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as z from "zod";
import { listDescendants } from "../../support/checkout.ts";
import { InspectorSession } from "../../support/inspector-session.ts";

const run = promisify(execFile);

/** Megabytes by which the last quarter may lie above the first: what a heap takes before it is cleaned. */
const slack = 24;

/** Share of the first quarter by which the last may lie above it. */
const growth = 0.1;

/**
 * The same for the process. Most of what it has is not the Worker's memory: seventeen heaps of products
 * that stand in for Cloudflare's, and what an allocator keeps.
 */
const processGrowth = 0.25;

/** Process ids of every workerd that this process has started. */
export async function findWorkerd(): Promise<number[]> {
  const pids = await listDescendants(process.pid);
  const { stdout } = await run("ps", ["-o", "pid=,comm=", "-p", pids.join(",")]);
  const found = stdout.split("\n").filter((line) => /workerd/.test(line));
  if (found.length === 0) throw new Error("This process has started no workerd.");
  return found.map((line) => Number.parseInt(line, 10));
}

/** Resident memory of processes together, in megabytes. */
export async function measure(pids: readonly number[]): Promise<number> {
  const { stdout } = await run("ps", ["-o", "rss=", "-p", pids.join(",")]);
  const kilobytes = stdout.trim().split(/\s+/).map(Number);
  return kilobytes.reduce((sum, own) => sum + own, 0) / 1024;
}

/** What the inspector says of a heap. */
const heapUsage = z.object({ usedSize: z.number() });

/**
 * What a Worker and its objects have on their JavaScript heap, in megabytes. Unlike what the process has, it
 * holds nothing of the products that stand in for Cloudflare's.
 * @param inspector where that of the Worker listens.
 */
export async function measureHeap(inspector: URL): Promise<number> {
  using session = await InspectorSession.connect(inspector);
  return heapUsage.parse(await session.send("Runtime.getHeapUsage")).usedSize / 2 ** 20;
}

/** Medians of the first and the last quarter of what was measured. */
export function compareQuarters(measured: readonly number[]): { first: number; last: number } {
  const quarter = Math.max(1, Math.floor(measured.length / 4));
  return { first: median(measured.slice(0, quarter)), last: median(measured.slice(-quarter)) };
}

/** Whether a heap has not grown from the first quarter to the last. */
export function isFlat(measured: readonly number[], share = growth): boolean {
  const { first, last } = compareQuarters(measured);
  return last <= first * (1 + share) + slack;
}

/** Whether what a process has did not grow much in the second half of a run. */
export function isSettled(measured: readonly number[]): boolean {
  return isFlat(measured.slice(measured.length / 2), processGrowth);
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("Nothing was measured.");
  return Math.round(middle);
}
