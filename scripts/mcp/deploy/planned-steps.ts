import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { resourceType, toResourceName } from "../stack/declared.ts";

const state = z.object({ inputs: z.record(z.string(), z.unknown()).nullish() }).nullish();

/** What a preview says of one resource. */
const step = z.object({
  op: z.string(),
  urn: z.string(),
  type: z.string(),
  diffs: z.array(z.string()).nullish(),
  old: state,
  new: state,
});

/** A step that the engine would take. Secrets in it are masked by the engine. */
export interface PlannedStep {
  readonly op: string;
  /** Name of the resource in the program, as `worker`. */
  readonly name: string;
  /** Its type, as `cloudflare:index/workersScript:WorkersScript`. */
  readonly type: string;
  /** Properties that change. */
  readonly diffs: readonly string[];
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

/** A rule of the policy pack that does not hold. */
export interface Violation {
  readonly policy: string;
  readonly message: string;
  readonly isMandatory: boolean;
}

/** Collects what a preview says. */
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
      before: old?.inputs ?? {},
      after: next?.inputs ?? {},
    });
  }
}

const bindings = z.array(
  z.object({ name: z.string(), type: z.string(), json: z.unknown().optional() }),
);

/** A binding of the Worker as the program declares it. */
export type PlannedBinding = z.infer<typeof bindings>[number];

/** The Worker's bindings in what a step has before or after it. */
export function readBindings(inputs: PlannedStep["before"]): PlannedBinding[] {
  return bindings.safeParse(inputs.bindings).data ?? [];
}

/** The step of the Worker itself. */
export function findWorkerStep(steps: readonly PlannedStep[]): PlannedStep | undefined {
  return steps.find(({ type, op }) => isWorker(type) && !op.startsWith("delete-"));
}

/** Whether the Worker is uploaded. */
export function isUploaded(steps: readonly PlannedStep[]): boolean {
  const op = findWorkerStep(steps)?.op;
  return op !== undefined && op !== "same" && op !== "delete";
}

/** Whether a type is that of the Worker. */
export function isWorker(type: string): boolean {
  return type === resourceType.worker;
}

const migrations = z.object({
  newTag: z.string(),
  steps: z.array(
    z.object({
      newSqliteClasses: z.array(z.string()).default([]),
      renamedClasses: z.array(z.object({ from: z.string(), to: z.string() })).default([]),
      deletedClasses: z.array(z.string()).default([]),
    }),
  ),
});

/** The Durable Object steps that the upload will carry; undefined where it carries none. */
export function findMigrations(steps: readonly PlannedStep[]) {
  // Where it stays, it holds those of an upload that was made.
  const kept = steps.find(
    ({ type, name, op }) =>
      type === resourceType.stash && name === "migrations" && op.startsWith("create"),
  );
  return migrations.safeParse(kept?.after.input).data;
}

/** Durable Object steps that an upload carries. */
export type PlannedMigrations = NonNullable<ReturnType<typeof findMigrations>>;
