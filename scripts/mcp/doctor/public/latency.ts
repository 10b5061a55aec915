import { type Check, failed, ok, warning } from "../check.ts";
import { look } from "../look.ts";
import { toResourceMetadataPath } from "./resource-metadata.ts";

/** How often it is measured. */
const rounds = 5;

/** Milliseconds above which a person notices. */
const slow = 1000;

/** Milliseconds that hosted Claude waits for discovery. */
const tooSlow = 10_000;

/** The middle of some figures. */
export function findMedian(figures: readonly number[]): number {
  return figures.toSorted((one, other) => one - other)[Math.floor(figures.length / 2)] ?? 0;
}

/** How long a client waits before a sign-in can begin: the endpoint's document, then the server's. */
export const discoveryLatency: Check = {
  id: "latency-discovery",
  title: "Discovery is quick",
  runbook: "slow",
  needs: ["authorization-server-metadata"],
  async run(examination) {
    const { endpoints, learned } = examination;
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now();
      await look(examination, toResourceMetadataPath(endpoints.mcp));
      await look(examination, learned.serverMetadataUrl ?? "/");
      times.push(performance.now() - begun);
    }
    const median = findMedian(times);
    const found = `p50 ${Math.round(median)} ms of ${rounds} times (${Math.round(Math.min(...times))} to ${Math.round(Math.max(...times))} ms).`;
    const remedy = "Look whether this machine is far from the server; then into the server's log.";
    if (median >= tooSlow) return failed(found, remedy);
    return median >= slow ? warning(found, remedy) : ok(found);
  },
};
