import { RunError } from "@pulumi/pulumi";

/**
 * A stack that cannot be deployed as it is described. Its message names what is wrong, why, and
 * what to do next; Pulumi prints it without a stack trace.
 */
export class Refusal extends RunError {}

/** Several problems told in one go, under a title. */
export function listProblems(title: string, problems: readonly string[]): Refusal {
  return new Refusal([title, ...problems].join("\n  - "));
}
