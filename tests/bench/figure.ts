import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import type { Contestant } from "./contestants.ts";
import type { Target } from "./load/http.ts";
import type { Load } from "./load/load.ts";

/** What a figure is counted in. */
export type Unit = "ms" | "MB" | "KB" | "a second" | "times" | "$" | "";

/** What one measurement of a contestant gave, by the keys of the figure's metrics. */
export type Sample = Readonly<Record<string, number>>;

/** One number that a figure has of each contestant. */
export interface Metric {
  readonly label: string;
  readonly unit: Unit;
  /** Whether more is better. Default: less. */
  readonly isMoreBetter?: boolean;
}

/** A contestant that is running, with clients that are logged in. */
export interface Running {
  readonly contestant: Contestant;
  readonly spec: WorkerSpec;
  readonly target: Target;
  /** Access tokens for `/mcp`. Empty, where nobody signs in. */
  readonly tokens: readonly string[];
}

/** What a measurement works with. */
export interface Bench {
  readonly load: Load;
  /** A folder for what is built. */
  readonly folder: string;
}

/** Something that is measured of some contestants. */
export interface Figure {
  /** One word, for `--only` and the file of figures. */
  readonly name: string;
  readonly title: string;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Rounds beyond which nothing is gained: a size does not change. Default: as many as are asked for. */
  readonly mostRounds?: number;
  /** The parts of a round with a contestant, each measured for itself. Empty: it does not have this figure. */
  plan(contestant: Contestant): readonly Part[];
}

/** A part of a round. */
export type Part = (running: Running, bench: Bench) => Promise<Sample>;
