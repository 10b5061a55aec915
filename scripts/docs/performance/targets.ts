import { findMedian, type Performance } from "./measured.ts";

/** A bound for a figure of this server, alone or as a ratio to another's. */
interface Target {
  readonly label: string;
  readonly figure: string;
  readonly metric: string;
  /** Beside whom. Undefined: the figure itself. */
  readonly beside?: string;
  /** Exactly one of the two. */
  readonly most?: number;
  readonly least?: number;
}

/** A target, and what the run came to. */
export interface Judged {
  readonly label: string;
  /** `at most 0.5` */
  readonly wanted: string;
  readonly found: number;
  readonly isReached: boolean;
}

const own = "ours";

const against: readonly (readonly [name: string, words: string, p50: number, rate: number])[] = [
  ["agent", "McpAgent", 0.5, 2.3],
  ["plain", "the plain libraries", 0.8, 1.4],
  ["floor", "the floor", 2, 0.5],
  ["bare", "the bare SDK", 1.3, 0.75],
];

const grown = ["call", "login", "connections", "put", "get", "page", "last"];

const targets: readonly Target[] = [
  ...against.map(([beside, words, most]) => ({
    label: `a warm call, p50: times ${words}`,
    figure: "calls",
    metric: "legacy.1.p50",
    beside,
    most,
  })),
  ...against.map(([beside, words, , least]) => ({
    label: `calls a second, 16 in flight: times ${words}`,
    figure: "calls",
    metric: "legacy.16.rate",
    beside,
    least,
  })),
  {
    label: "a new client to its first answer: times McpAgent",
    figure: "connect",
    metric: "wall",
    beside: "agent",
    most: 0.25,
  },
  {
    label: "the server's part of a login: times the plain libraries",
    figure: "login",
    metric: "server",
    beside: "plain",
    most: 1.5,
  },
  {
    label: "memory of 1,000 further clients: times McpAgent",
    figure: "memory",
    metric: "growth",
    beside: "agent",
    most: 0.05,
  },
  {
    label: "the code after gzip: times McpAgent",
    figure: "bundle",
    metric: "gzip",
    beside: "agent",
    most: 0.45,
  },
  { label: "KV reads of a warm call", figure: "operations", metric: "warm.kvReads", most: 0 },
  ...["tool", "page", "setting"].map((kind) => ({
    label: `a changed ${kind} to its reload by npm start, ms`,
    figure: "dev",
    metric: `${kind}.reload`,
    most: 700,
  })),
  ...grown.map((operation) => ({
    label: `growth of ${operation === "connections" ? "/connections" : operation}: exponent`,
    figure: "growth",
    metric: `${operation}.exponent`,
    most: 0.1,
  })),
];

/** Holds a run to the targets. What was not measured is left out. */
export function judge(figures: Performance["figures"]): Judged[] {
  return targets.flatMap(({ label, figure, metric, beside, most, least }) => {
    const ours = findMedian(figures, figure, metric, own);
    const theirs = beside === undefined ? 1 : findMedian(figures, figure, metric, beside);
    if (ours === undefined || theirs === undefined) return [];
    const found = ours / theirs;
    return [
      {
        label,
        wanted: most === undefined ? `at least ${least}` : `at most ${most}`,
        found,
        isReached: most === undefined ? found >= (least ?? 0) : found <= most,
      },
    ];
  });
}
