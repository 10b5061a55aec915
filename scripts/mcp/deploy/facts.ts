import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import type { PlannedStep, Violation } from "./planned-steps.ts";
import type { SettingChange, StackValues } from "./settings.ts";

/** Everything that a plan is told from. Nothing in it is a secret's value but `before` and `now`. */
export interface PlanFacts {
  readonly stack: string;
  readonly scriptName: string;
  /** What the engine will do. */
  readonly steps: readonly PlannedStep[];
  /** What the program declares; undefined where it did not come so far, and then nobody knows. */
  readonly declared: DeclaredProgram | undefined;
  /** The settings of the last deployment; undefined where there was none, or nobody knows. */
  readonly before: StackValues | undefined;
  readonly now: StackValues;
  readonly settings: readonly SettingChange[];
  /** What serves now; undefined where nothing does. */
  readonly serving: ServingFacts | undefined;
  /** Whether nothing of this stack was ever deployed, so that nobody can have signed in. */
  readonly isFirst: boolean;
  readonly violations: readonly Violation[];
}

/** What is known of the version that would be put back. */
export interface ServingFacts {
  readonly id: string;
  readonly source: string | undefined;
  readonly bindings: readonly {
    readonly name: string;
    readonly type: string;
    readonly json?: unknown;
    readonly [member: string]: unknown;
  }[];
  /** SHA-256 of its main module, in hex. */
  readonly sha256: string;
  readonly moduleCount: number;
  /** The address that its settings name; undefined where they name none, as those of another program. */
  readonly origin: string | undefined;
}
