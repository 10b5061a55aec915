import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { projectRoot } from "../../../infra/bundle.ts";
import { hasCode } from "../../errors.ts";

const spread = z.strictObject({ median: z.number(), min: z.number(), max: z.number() });

/** One number that a figure has of each contestant. */
const metric = z.strictObject({
  label: z.string(),
  /** Empty for what is only counted. */
  unit: z.enum(["ms", "MB", "KB", "a second", "$", ""]),
  /** Whether more is better. Default: less. */
  isMoreBetter: z.boolean().optional(),
});

const measured = metric.extend({ values: z.record(z.string(), spread) });

const figure = z.strictObject({
  title: z.string(),
  rounds: z.number(),
  metrics: z.record(z.string(), measured),
});

const performanceFile = z.strictObject({
  /** Day of the run. */
  date: z.string(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.number(),
    node: z.string(),
    workerd: z.string(),
  }),
  /** Titles of the contestants by name, in order. */
  titles: z.record(z.string(), z.string()),
  figures: z.record(z.string(), figure),
});

const share = z.strictObject({ name: z.string(), percent: z.number() });

export const profiledWorks = ["call", "login"] as const;

const profiled = z.strictObject({
  title: z.string(),
  /** How often it was done. */
  times: z.number(),
  /** Of the Worker's own work, each time. */
  milliseconds: z.number(),
  functions: z.array(share),
  packages: z.array(share),
});

const profileFile = z.partialRecord(
  z.enum(profiledWorks),
  z.strictObject({ before: profiled, after: profiled }),
);

/** What several rounds came to. */
export type Spread = z.infer<typeof spread>;

/** One number that a figure has of each contestant. */
export type Metric = z.infer<typeof metric>;

/** A metric with what each contestant came to, by its name. */
export type Measured = z.infer<typeof measured>;

export type MeasuredFigure = z.infer<typeof figure>;

/** The file that `npm run bench` writes. */
export type Performance = z.infer<typeof performanceFile>;

/** A work that can be looked at. */
export type ProfiledWork = (typeof profiledWorks)[number];

/** Where the time of it goes. */
export type Profiled = z.infer<typeof profiled>;

/** The file that `npm run bench:against -- <revision> --profile` writes, by the work that was profiled. */
export type Profiles = z.infer<typeof profileFile>;

/** Where the figures of the last whole run are kept. */
export const performancePath = join(projectRoot, "docs/figures/performance.json");

/** Where the last two profiles of each work are kept. */
export const profilePath = join(projectRoot, "docs/figures/profile.json");

/** The figures of the last whole run. Undefined: there was none. */
export function readPerformance(): Performance | undefined {
  return readKept(performancePath, performanceFile);
}

/** The last two profiles of each work. Undefined: there are none. */
export function readProfiles(): Profiles | undefined {
  return readKept(profilePath, profileFile);
}

function readKept<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): z.infer<Schema> | undefined {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The median of a contestant. Undefined: it was not measured. */
export function findMedian(
  figures: Performance["figures"],
  figureName: string,
  metricName: string,
  contestant: string,
): number | undefined {
  return figures[figureName]?.metrics[metricName]?.values[contestant]?.median;
}
