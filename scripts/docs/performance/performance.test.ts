import { expect, test } from "vitest";
import { drawChart } from "./chart.ts";
import type { Performance, Profiled, Spread } from "./measured.ts";
import { toCost, writePerformance } from "./page.ts";
import { judge } from "./targets.ts";
import { toSpreadWords, toWords } from "./words.ts";

/** A metric with a median of each contestant. */
function toMetric(label: string, medians: Readonly<Record<string, number>>) {
  const values = Object.entries(medians).map(([name, median]) => [
    name,
    { median, min: median / 2, max: median * 2 },
  ]);
  return { label, unit: "ms" as const, values: Object.fromEntries(values) };
}

const measured: Performance = {
  date: "2026-11-30",
  machine: { cpu: "A processor", cores: 2, node: "24.0.0", workerd: "1.2.3" },
  titles: { ours: "this server", agent: "McpAgent", plain: "plain <libraries>" },
  figures: {
    calls: {
      title: "tools/call",
      rounds: 5,
      metrics: {
        "legacy.1.p50": toMetric("p50", { ours: 2, agent: 8, plain: 2 }),
        "legacy.16.cpu": toMetric("CPU", { ours: 3, agent: 10, plain: 2 }),
        "legacy.16.rate": toMetric("rate", { ours: 400, agent: 100, plain: 400 }),
      },
    },
    operations: {
      title: "What an operation asks of storage",
      rounds: 1,
      metrics: {
        "warm.kvReads": toMetric("KV reads", { ours: 0, agent: 1, plain: 1 }),
        "warm.kvWrites": toMetric("KV writes", { ours: 0, agent: 0, plain: 0 }),
        "warm.objectRequests": toMetric("requests", { ours: 0, agent: 3, plain: 0 }),
      },
    },
  },
};

test("a run is held to its targets, and what was not measured is left out", () => {
  const found = judge(measured.figures).map(({ label, wanted, found: is, isReached }) => [
    label,
    wanted,
    is,
    isReached,
  ]);
  expect(found).toEqual([
    ["a warm call, p50: times McpAgent", "at most 0.5", 0.25, true],
    ["a warm call, p50: times the plain libraries", "at most 0.8", 1, false],
    ["calls a second, 16 in flight: times McpAgent", "at least 2.3", 4, true],
    ["calls a second, 16 in flight: times the plain libraries", "at least 1.4", 1, false],
    ["KV reads of a warm call", "at most 0", 0, true],
  ]);
});

test("a million calls cost what each asks for, and an object its time besides", () => {
  const cost = toCost(measured.figures, ["ours", "agent", "plain", "floor"]);
  const values: Readonly<Record<string, Spread>> = cost?.metrics.million?.values ?? {};
  expect(values.ours?.median).toBeCloseTo(0.3 + 3 * 0.02);
  expect(values.plain?.median).toBeCloseTo(0.3 + 2 * 0.02 + 0.5);
  const object = 3 * 0.15 + 0.008 * 0.128 * 12.5;
  expect(values.agent?.median).toBeCloseTo(0.3 + 10 * 0.02 + 0.5 + object);
  expect(values).not.toHaveProperty("floor");
  expect(toCost({}, ["ours"])).toBeUndefined();
});

test("the page has the targets, each figure, the cost and both profiles", () => {
  const profiled: Profiled = {
    title: "before",
    times: 3000,
    milliseconds: 1.5,
    functions: [{ name: "serve (worker/app.ts:1)", percent: 12.34 }],
    packages: [{ name: "zod", percent: 50 }],
  };
  const pair = { before: profiled, after: { ...profiled, title: "after" } };
  const text = writePerformance(measured, { call: pair, login: pair });
  expect(text).toContain(
    "Measured on 2026-11-30: A processor, 2 cores, Node 24.0.0, workerd 1.2.3.",
  );
  expect(text).toContain(
    "| a warm call, p50: times the plain libraries | at most 0.8 | 1 | **no** |",
  );
  expect(text).toContain("| p50, ms | 2 (1 to 4) | 8 (4 to 16) | 2 (1 to 4) |");
  expect(text).toContain("### Cost of a million warm calls");
  expect(text).toContain("| 12.3 % | `serve (worker/app.ts:1)` |");
  expect(text.indexOf("**before**")).toBeLessThan(text.indexOf("**after**"));
  expect(text).toContain("**before**: 1.50 ms a call, 3,000 calls.");
  expect(text).toContain("### Where the time of a login goes");
  expect(text).toContain("**after**: 1.50 ms a login, 3,000 logins.");
  expect(writePerformance(measured, { call: pair })).not.toContain("of a login");
});

test("the chart has a bar of each contestant in each panel that was measured, as long as its median", () => {
  const chart = drawChart(measured);
  expect(chart.match(/class="panel"/g)).toHaveLength(3);
  expect(chart.match(/<rect class="bar/g)).toHaveLength(9);
  expect(chart.match(/<rect class="bar own"/g)).toHaveLength(3);
  expect(chart).toContain("plain &lt;libraries&gt;");
  const [own, agent] = [...chart.matchAll(/<rect class="bar[^>]*? width="([\d.]+)"/g)].map(
    ([, width]) => Number(width),
  );
  expect((agent ?? 0) / (own ?? 1)).toBeCloseTo(4, 1);
});

test("the chart of nothing says how to measure", () => {
  expect(drawChart(undefined)).toContain("npm run bench");
});

test("a number has three digits that count, and rounds that agree are told once", () => {
  expect([0, 4, 0.123, 1.5, 12.34, 123.4, 1234.5].map(toWords)).toEqual([
    "0",
    "4",
    "0.12",
    "1.50",
    "12.3",
    "123",
    "1,235",
  ]);
  expect(toSpreadWords({ median: 2.5, min: 1.75, max: 30.04 })).toBe("2.50 (1.75 to 30.0)");
  expect(toSpreadWords({ median: 2.002, min: 2.001, max: 2.004 })).toBe("2.00");
});
