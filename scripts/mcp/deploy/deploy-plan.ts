import { toPlainLine } from "../../plain-text.ts";
import { describeChanges } from "./describe-changes.ts";
import {
  describeCosts,
  describeLosses,
  describeObjects,
  describeSignOuts,
} from "./describe-losses.ts";
import type { PlanFacts, Violation } from "./planned-steps.ts";

export interface DeployPlan {
  readonly stack: string;
  readonly scriptName: string;
  readonly environment: string;
  /** Nothing would be made, changed or deleted. */
  readonly isEmpty: boolean;
  /** Headings, each with its lines. */
  readonly sections: readonly Section[];
}

export interface Section {
  readonly title: string;
  readonly sentences: readonly string[];
}

export interface PlanWords {
  readonly environment: string;
  readonly isEmpty: boolean;
  /** What happens if doctor fails. */
  readonly wayBack: string;
  /** How doctor signs in. */
  readonly doctor: string;
  /** The findings of the policy pack, or why it was not run. */
  readonly policies: readonly string[];
}

export function createPlan(facts: PlanFacts, words: PlanWords): DeployPlan {
  const { stack, scriptName } = facts;
  const { environment, isEmpty } = words;
  const orElse = (sentences: readonly string[], otherwise: string) =>
    sentences.length > 0 ? sentences : [otherwise];
  const objects = describeObjects(facts);
  return {
    stack,
    scriptName,
    environment,
    isEmpty,
    sections: [
      {
        title: "What changes",
        sentences: isEmpty
          ? ["nothing"]
          : orElse(describeChanges(facts), "only what the stack remembers"),
      },
      ...(isEmpty
        ? []
        : [
            { title: "What is lost", sentences: orElse(describeLosses(facts), "nothing") },
            { title: "Who is signed out", sentences: orElse(describeSignOuts(facts), "nobody") },
            ...(objects.length > 0
              ? [{ title: "Durable Object classes", sentences: objects }]
              : []),
            { title: "What it costs", sentences: orElse(describeCosts(facts), "nothing") },
            { title: "Policy pack", sentences: words.policies },
          ]),
      { title: "When doctor fails", sentences: [words.wayBack] },
      { title: "Doctor", sentences: [words.doctor] },
    ],
  };
}

export function describePolicies(violations: readonly Violation[]): string[] {
  if (violations.length === 0) return ["every rule of infra/policy holds"];
  return violations.map(
    ({ policy, message, isMandatory }) =>
      `${isMandatory ? "refused" : "warning"}, ${policy}: ${message}`,
  );
}

export function formatDeployPlan({ stack, scriptName, environment, sections }: DeployPlan): string {
  const body = sections.map(
    ({ title, sentences }) =>
      `${title}\n${sentences.map((each) => `  - ${toPlainLine(each)}\n`).join("")}`,
  );
  return `deploy: stack ${stack} (${environment}), Worker ${scriptName}\n\n${body.join("")}\n`;
}
