import { serverBindingNames } from "../../../infra/bindings.ts";
import { keepTold } from "../../terminal/format.ts";
import { readSetting } from "../stack/stack-values.ts";
import { describeObjects, findMigrations, findMove } from "./describe-losses.ts";
import { isUploaded, type PlanFacts } from "./planned-steps.ts";

/**
 * Why what serves now could not be restored after this deployment, a sentence each. None: it can.
 */
export function findObstacles(facts: PlanFacts): string[] {
  const { before, now, serving } = facts;
  if (serving === undefined) return [];
  const [was, is] = [before ?? {}, now].map((values) => readSetting(values, "keyGeneration") ?? 1);
  const move = findMove(facts);
  const dropped = listDroppedBindings(facts);
  return keepTold([
    findMigrations(facts) !== undefined &&
      `it takes a step in the life of the Durable Object classes (${describeObjects(facts).join("; ")}), which Cloudflare does not take back`,
    before !== undefined &&
      was !== is &&
      `it makes keys of another generation (keyGeneration ${was} → ${is}), and going back would sign out everybody whom the new keys signed in`,
    move === "unseen" &&
      "what serves now does not say at which address, so whether this moves the server cannot be seen, and a move back would sign everybody out",
    typeof move === "object" &&
      `it moves the server from ${move.from} to ${move.to}, and a move back signs everybody out once more`,
    dropped.length > 0 && `it takes away what the previous code needs: ${dropped.join(", ")}`,
    serving.moduleCount !== 1 &&
      `what serves now has ${serving.moduleCount} modules, and this program uploads one`,
    before === undefined &&
      "the Pulumi backend knows no settings of an earlier deployment, so they cannot be restored",
  ]);
}

/** Bindings that this checkout's program does not make any more. Those of settings come back with them. */
function listDroppedBindings({ declared, serving, steps }: PlanFacts): string[] {
  if (declared === undefined || serving === undefined || !isUploaded(steps)) return [];
  const kept = new Set(declared.bindings.map(({ name }) => name));
  return serving.bindings
    .map(({ name }) => name)
    .filter((name) => !kept.has(name) && !serverBindingNames.includes(name));
}
