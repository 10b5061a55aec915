import type { Metric } from "../../../scripts/docs/performance/measured.ts";
import type { Contestant } from "../contestants.ts";
import type { Figure, Part } from "../figure.ts";
import type { TimedCalls } from "../load/calls.ts";
import type { Era } from "../load/messages.ts";
import { quantile } from "../numbers.ts";

/** Clients that call at once, and calls of a round: enough for a second or two. */
const levels = [
  { inFlight: 1, calls: 200 },
  { inFlight: 16, calls: 500 },
  { inFlight: 64, calls: 600 },
] as const;

const eras: readonly Era[] = ["legacy", "modern"];

/** Key of a metric: `legacy.16.p50`. */
export function toCallKey(era: Era, inFlight: number, metric: string): string {
  return `${era}.${inFlight}.${metric}`;
}

const kinds = {
  p50: { label: "p50", unit: "ms" },
  p90: { label: "p90", unit: "ms" },
  p99: { label: "p99", unit: "ms" },
  rate: { label: "calls a second", unit: "a second", isMoreBetter: true },
  cpu: { label: "CPU a call", unit: "ms" },
} as const satisfies Record<string, Metric>;

/** `tools/call`, warm. */
export const calls: Figure = {
  name: "calls",
  title: "tools/call",
  metrics: Object.fromEntries(
    eras.flatMap((era) =>
      levels.flatMap(({ inFlight }) =>
        Object.entries(kinds).map(([key, kind]) => [
          toCallKey(era, inFlight, key),
          { ...kind, label: `${era}, ${inFlight} in flight: ${kind.label}` },
        ]),
      ),
    ),
  ),
  plan: (contestant) =>
    contestant.eras.flatMap((era) => levels.map((level) => createPart(contestant, era, level))),
};

function createPart(
  { hasSessions }: Contestant,
  era: Era,
  { inFlight, calls: count }: (typeof levels)[number],
): Part {
  return async (built, { load }) => {
    const { target, tokens } = await built.start();
    const job = { target, tokens, era, inFlight, calls: count, hasSessions };
    const figures = toFigures(await load.run("call", job));
    return Object.fromEntries(
      Object.entries(figures).map(([key, value]) => [toCallKey(era, inFlight, key), value]),
    );
  };
}

function toFigures({ times, wall, cpu }: TimedCalls): Record<keyof typeof kinds, number> {
  return {
    p50: quantile(times, 0.5),
    p90: quantile(times, 0.9),
    p99: quantile(times, 0.99),
    rate: times.length / (wall / 1000),
    cpu: cpu / times.length,
  };
}
