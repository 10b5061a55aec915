import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import type { DeclaredProgram } from "../../../infra/declared-program.ts";
import { resourceType } from "../../../infra/resource-types.ts";
import { toResourceName } from "../stack/declared.ts";
import { Properties } from "../stack/properties.ts";
import type { SettingChange, StackValues } from "../stack/stack-values.ts";

const state = z.object({ inputs: z.unknown() }).nullish();

/** The preview of one resource. */
const step = z.object({
  op: z.string(),
  urn: z.string(),
  type: z.string(),
  diffs: z.array(z.string()).nullish(),
  old: state,
  new: state,
});

/**
 * A step that the engine would take. What the engine hides in it, or does not know yet, is for `Properties`
 * to tell: what the program declares is in `DeclaredProgram`.
 */
export interface PlannedStep {
  readonly op: string;
  /** Name of the resource in the program, as `worker`. */
  readonly name: string;
  /** Its type, as `cloudflare:index/workersScript:WorkersScript`. */
  readonly type: string;
  /** Properties that change. */
  readonly diffs: readonly string[];
  readonly before: Properties;
  readonly after: Properties;
}

/** A rule of the policy pack that does not hold. */
export interface Violation {
  readonly policy: string;
  readonly message: string;
  readonly isMandatory: boolean;
}

export class PreviewRecord {
  readonly steps: PlannedStep[] = [];
  readonly violations: Violation[] = [];

  take({ resourcePreEvent, policyEvent }: EngineEvent): void {
    if (policyEvent !== undefined) {
      this.violations.push({
        policy: policyEvent.policyName,
        message: policyEvent.message.replace(/<\{%.*?%\}>/g, "").trim(),
        isMandatory: policyEvent.enforcementLevel === "mandatory",
      });
    }
    if (resourcePreEvent === undefined) return;
    const { op, urn, type, diffs, old, new: next } = step.parse(resourcePreEvent.metadata);
    // Only a look at the account, before the step itself.
    if (op === "refresh") return;
    this.steps.push({
      op,
      name: toResourceName({ urn }),
      type,
      diffs: diffs ?? [],
      before: new Properties(old?.inputs),
      after: new Properties(next?.inputs),
    });
  }
}

export function findWorkerStep(steps: readonly PlannedStep[]): PlannedStep | undefined {
  return steps.find(({ type, op }) => isWorker(type) && !op.startsWith("delete-"));
}

export function isUploaded(steps: readonly PlannedStep[]): boolean {
  const op = findWorkerStep(steps)?.op;
  return op !== undefined && op !== "same" && op !== "delete";
}

export function isWorker(type: string): boolean {
  return type === resourceType.worker;
}

/** Whether the upload carries the Durable Object steps that the deployed Worker does not have yet. */
export function sendsMigrations(steps: readonly PlannedStep[]): boolean {
  // If the Stash stays, it holds the steps of an upload that was made.
  return steps.some(
    ({ type, name, op }) =>
      type === resourceType.stash && name === "migrations" && op.startsWith("create"),
  );
}

/** Everything that a plan is told from. Nothing in it is a secret's value but `before` and `now`. */
export interface PlanFacts {
  readonly stack: string;
  readonly scriptName: string;
  readonly steps: readonly PlannedStep[];
  /** The program's declaration; undefined if it ended before it had one. */
  readonly declared: DeclaredProgram | undefined;
  /** The settings of the last deployment; undefined if there was none, or nobody knows. */
  readonly before: StackValues | undefined;
  readonly now: StackValues;
  readonly settings: readonly SettingChange[];
  /** The version that serves now; undefined if none does. */
  readonly serving: ServingFacts | undefined;
  /** Whether nothing of this stack was ever deployed, so that nobody can have signed in. */
  readonly isFirst: boolean;
}

/** Facts about the version that would be restored. */
export interface ServingFacts {
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
  /** The address that its settings name; undefined if they name none, as those of another program. */
  readonly origin: string | undefined;
}
