import { toTable } from "../markdown-table.ts";
import {
  findMedian,
  type MeasuredFigure,
  type Performance,
  type Profiled,
  type ProfiledWork,
  type Profiles,
  profiledWorks,
  readPerformance,
  readProfiles,
} from "./measured.ts";
import { judge } from "./targets.ts";
import { toRows, toWords } from "./words.ts";

/** The generated part of docs/performance.md: what the last whole run and the last profiles came to. */
export function describePerformance(): string {
  const measured = readPerformance();
  if (measured === undefined) return "No whole run has left its figures yet.";
  return writePerformance(measured, readProfiles());
}

/** The same of any run. */
export function writePerformance(measured: Performance, profiles?: Profiles): string {
  const { date, machine, titles, figures } = measured;
  const cost = toCost(figures, Object.keys(titles));
  return [
    `Measured on ${date}: ${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, workerd ${machine.workerd}.`,
    "### Held to",
    toTable(
      ["Ratio of the medians, or figure", "must be", "is", "reached"],
      judge(figures).map(({ label, wanted, found, isReached }) => [
        label,
        wanted,
        toWords(found),
        isReached ? "yes" : "**no**",
      ]),
    ),
    ...Object.values(figures).flatMap((figure) => describeFigure(figure, titles)),
    ...(cost === undefined ? [] : describeFigure(cost, titles)),
    ...(profiles === undefined ? [] : describeProfiles(profiles)),
  ].join("\n\n");
}

function describeFigure(
  figure: MeasuredFigure,
  titles: Readonly<Record<string, string>>,
): string[] {
  const [head = [], ...rows] = toRows(figure, titles);
  const rounds =
    figure.rounds === 1
      ? "Measured once."
      : `Median of ${figure.rounds} rounds, and how far they lie apart.`;
  return [`### ${figure.title}`, rounds, toTable(["", ...head.slice(1)], rows)];
}

const profileTitles = {
  call: "Where the time of a warm call goes",
  login: "Where the time of a login goes",
} as const satisfies Record<ProfiledWork, string>;

function describeProfiles(profiles: Profiles): string[] {
  const words =
    "The Worker's own work as workerd's profiler sees it, without storage and the network. An attached inspector takes each line of the log as well, so what logging has here is the most that it can be. Each list has its ten dearest.";
  return profiledWorks.flatMap((work) => {
    const found = profiles[work];
    if (found === undefined) return [];
    const { before, after } = found;
    const both = [before, after].flatMap((each) => describeProfile(work, each));
    return [`### ${profileTitles[work]}`, words, ...both];
  });
}

function describeProfile(
  work: ProfiledWork,
  { title, times, milliseconds, functions, packages }: Profiled,
): string[] {
  const toList = (head: string, shares: Profiled["functions"]) =>
    toTable(
      ["Share", head],
      shares.map(({ name, percent }) => [`${percent.toFixed(1)} %`, `\`${name}\``]),
    );
  return [
    `**${title}**: ${toWords(milliseconds)} ms a ${work}, ${toWords(times)} ${work}s.`,
    toList("Function", functions),
    toList("Package or folder", packages),
  ];
}

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
