import { findMedian, type MeasuredFigure, type Performance } from "./measured.ts";

/**
 * Dollars beyond what the Workers Paid plan includes, a million each: of requests, of CPU milliseconds, of KV reads
 * and writes, of Durable Object requests and of gigabyte seconds (Cloudflare's pricing pages, 2026-11).
 */
const prices = {
  requests: 0.3,
  cpu: 0.02,
  kvReads: 0.5,
  kvWrites: 5,
  objectRequests: 0.15,
  objectTime: 12.5,
} as const;

/** Gigabytes that Cloudflare counts for an object, whatever it uses. */
const objectSize = 0.128;

/**
 * What a million warm calls cost at Cloudflare, from what one was measured to take. The CPU is that of the whole
 * workerd on this machine, stand-ins for Cloudflare's products included, so the real sum is lower.
 * @returns undefined if calls and what they ask of storage were not both measured.
 */
export function toCost(
  figures: Performance["figures"],
  names: readonly string[],
): MeasuredFigure | undefined {
  const values: Record<string, { median: number; min: number; max: number }> = {};
  for (const name of names) {
    const cpu = findMedian(figures, "calls", "legacy.16.cpu", name);
    const time = findMedian(figures, "calls", "legacy.1.p50", name);
    const count = (kind: string) => findMedian(figures, "operations", `warm.${kind}`, name);
    const [reads, writes, objects] = ["kvReads", "kvWrites", "objectRequests"].map(count);
    if (cpu === undefined || time === undefined) continue;
    if (reads === undefined || writes === undefined || objects === undefined) continue;
    const dollars =
      prices.requests +
      cpu * prices.cpu +
      reads * prices.kvReads +
      writes * prices.kvWrites +
      objects * prices.objectRequests +
      (objects > 0 ? (time / 1000) * objectSize * prices.objectTime : 0);
    values[name] = { median: dollars, min: dollars, max: dollars };
  }
  if (Object.keys(values).length === 0) return undefined;
  return {
    title: "Cost of a million warm calls",
    rounds: figures.calls?.rounds ?? 0,
    metrics: { million: { label: "at most", unit: "$", values } },
  };
}
