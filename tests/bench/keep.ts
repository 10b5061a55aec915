import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname } from "node:path";
import {
  type Performance,
  type ProfiledWork,
  type Profiles,
  performancePath,
  profilePath,
  readPerformance,
  readProfiles,
} from "../../scripts/docs/performance/measured.ts";

/** Digits that count. */
const digits = 4;

/**
 * Keeps figures for docs/performance.md, where `npm run docs` puts them. Those of a run of some figures replace only
 * these. Call it before the figures are judged: a bad run is to be seen as well.
 */
export async function keepPerformance(
  figures: Performance["figures"],
  { titles, order }: { readonly titles: Performance["titles"]; readonly order: readonly string[] },
): Promise<void> {
  const before = readPerformance();
  const all = { ...before?.figures, ...figures };
  const performance: Performance = {
    date: new Date().toISOString().slice(0, 10),
    machine: describeMachine(),
    titles: { ...before?.titles, ...titles },
    figures: Object.fromEntries(
      order.flatMap((name) => {
        const figure = all[name];
        return figure === undefined ? [] : [[name, figure] as const];
      }),
    ),
  };
  await keep(performancePath, performance);
}

/** Keeps two profiles of a work for the same page. Those of another one stay. */
export function keepProfiles(work: ProfiledWork, both: Profiles[ProfiledWork]): Promise<void> {
  return keep(profilePath, { ...readProfiles(), [work]: both });
}

async function keep(path: string, kept: object): Promise<void> {
  const text = JSON.stringify(kept, (_key, value: unknown) => round(value), 1);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${text}\n`);
}

function round(value: unknown): unknown {
  if (typeof value !== "number" || Number.isInteger(value)) return value;
  return Number(value.toPrecision(digits));
}

function describeMachine(): Performance["machine"] {
  const all = cpus();
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve("workerd/package.json"), "utf8")) as {
    readonly version: string;
  };
  return {
    cpu: all[0]?.model.trim() ?? "an unknown processor",
    cores: all.length,
    node: process.versions.node,
    workerd: version,
  };
}
