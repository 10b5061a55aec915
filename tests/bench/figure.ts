import type { Metric } from "../../scripts/docs/performance/measured.ts";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import type { Contestant } from "./contestants.ts";
import type { Target } from "./load/http.ts";
import type { Load } from "./load/load.ts";

/** What one measurement of a contestant gave, by the keys of the figure's metrics. */
export type Sample = Readonly<Record<string, number>>;

/** A contestant that is running, warm, with clients that are logged in. */
export interface Running {
  readonly target: Target;
  /** Access tokens for `/mcp`. Empty, where nobody signs in. */
  readonly tokens: readonly string[];
}

/** A contestant whose Worker is built. */
export interface Built {
  readonly contestant: Contestant;
  readonly spec: WorkerSpec;
  /** Its server that figures share: it starts when the first of them asks for it. */
  start(): Promise<Running>;
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
export type Part = (built: Built, bench: Bench) => Promise<Sample>;
