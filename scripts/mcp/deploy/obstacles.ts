import { serverBindingNames } from "../../../infra/bindings.ts";
import { describeObjects } from "./describe-losses.ts";
import { findOrigin } from "./describe-sign-outs.ts";
import type { PlanFacts } from "./facts.ts";
import { findMigrations, findWorkerStep, readBindings } from "./planned-steps.ts";
import { readSetting } from "./settings.ts";

/**
 * Why what serves now could not be put back after this deployment, a sentence each. None: it can.
 */
export function findObstacles(facts: PlanFacts): string[] {
  const { steps, before, now, serving } = facts;
  if (serving === undefined) return [];
  const [was, is] = [before ?? {}, now].map((values) => readSetting(values, "keyGeneration") ?? 1);
  const origin = findOrigin(steps);
  const dropped = listDroppedBindings(facts);
  return [
    ...(findMigrations(steps) === undefined
      ? []
      : [
          `it takes a step in the life of the Durable Object classes (${describeObjects(facts).join("; ")}), which Cloudflare does not take back`,
        ]),
    ...(before !== undefined && was !== is
      ? [
          `it makes keys of another generation (keyGeneration ${was} → ${is}), and going back would sign out everybody whom the new keys signed in`,
        ]
      : []),
    ...(serving.origin !== undefined && origin !== undefined && serving.origin !== origin
      ? [
          `it moves the server from ${serving.origin} to ${origin}, and a move back signs everybody out once more`,
        ]
      : []),
    ...(dropped.length > 0
      ? [`it takes away what the code of before needs: ${dropped.join(", ")}`]
      : []),
    ...(serving.moduleCount === 1
      ? []
      : [`what serves now has ${serving.moduleCount} modules, and this program uploads one`]),
    ...(before === undefined
      ? [
          "the Pulumi backend knows no settings of an earlier deployment, so they cannot be put back",
        ]
      : []),
  ];
}

/** Bindings that this checkout's program does not make any more. Those of settings come back with them. */
function listDroppedBindings({ steps, serving }: PlanFacts): string[] {
  const worker = findWorkerStep(steps);
  if (worker === undefined || serving === undefined) return [];
  const kept = new Set(readBindings(worker.after).map(({ name }) => name));
  return serving.bindings
    .map(({ name }) => name)
    .filter((name) => !kept.has(name) && !serverBindingNames.includes(name));
}
