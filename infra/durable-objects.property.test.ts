import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyUpload, noObjects, type ObjectState } from "../tests/support/durable-object-model.ts";
import { sample } from "../tests/support/sample.ts";
import type { LifecycleStep } from "../worker/durable-objects.ts";
import { planMigrations } from "./durable-objects.ts";
import { followClasses } from "./lifecycle.ts";

/** Histories that are looked at. `npm run test:soak` asks for more. */
const numRuns = sample(2000, 100_000);

/** What a history does next. `pick` and `to` choose among the names that are possible then. */
interface Move {
  readonly kind: "create" | "rename" | "delete";
  readonly pick: number;
  readonly to: number;
  /** Whether it is a step of its own, or belongs to the step before. */
  readonly ownStep: boolean;
}

const names = ["A", "B", "C", "D", "E"];
const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("create", "rename", "delete"),
    pick: fc.nat(),
    to: fc.nat(),
    ownStep: fc.boolean(),
  }),
  // fast-check's own choice is mostly short.
  { maxLength: 24, size: "max" },
);

/** A valid history out of arbitrary moves. A move that its step cannot take becomes a step of its own. */
function toHistory(all: readonly Move[]): LifecycleStep[] {
  let history: LifecycleStep[] = [];
  for (const move of all) {
    const classes = followClasses([], history).map(({ name }) => name);
    const free = names.filter((name) => !classes.includes(name));
    const last = history.at(-1);
    const own = { tag: `v${history.length + 1}` };
    const candidates = [
      ...(move.ownStep || last === undefined
        ? []
        : [[...history.slice(0, -1), extend(last, move, classes, free)]]),
      [...history, extend(own, move, classes, free)],
    ];
    history = candidates.find(isValid) ?? history;
  }
  return history;
}

function extend(
  step: LifecycleStep,
  { kind, pick, to }: Move,
  classes: readonly string[],
  free: readonly string[],
): LifecycleStep {
  const name = classes[pick % classes.length] ?? "none";
  const freeName = free[to % free.length] ?? "none";
  if (kind === "create") return { ...step, create: [...(step.create ?? []), freeName] };
  if (kind === "delete") return { ...step, delete: [...(step.delete ?? []), name] };
  return { ...step, rename: [...(step.rename ?? []), { from: name, to: freeName }] };
}

function isValid(history: readonly LifecycleStep[]): boolean {
  try {
    return !followClasses([], history).some(({ name }) => name === "none");
  } catch {
    return false;
  }
}

/** One deployment of the first `length` steps, from whatever is live. */
function deploy(state: ObjectState, history: readonly LifecycleStep[]): ObjectState {
  const wanted = followClasses([], history).map(({ name }) => name);
  const classes = [...state.classes.keys()];
  const migrations = planMigrations({
    history,
    exported: wanted,
    bound: wanted,
    live: state.tag === undefined ? undefined : { migrationTag: state.tag, classes },
    allowDurableObjectDeletion: names,
  });
  return applyUpload(state, { migrations, exported: wanted, bound: wanted });
}

const patient = { timeout: 900_000 };

test(
  `from any point of any of ${numRuns} histories, the plan ends at the wanted classes`,
  patient,
  () => {
    const seen = { histories: 0, deployments: 0, steps: 0 };
    fc.assert(
      fc.property(moves, fc.array(fc.nat({ max: 24 }), { maxLength: 5 }), (all, stops) => {
        const history = toHistory(all);
        const lengths = stops.map((stop) => stop % (history.length + 1)).sort((a, b) => a - b);
        seen.histories += 1;
        seen.steps += history.length;
        let state = noObjects;
        let done = 0;
        for (const length of [...lengths, history.length]) {
          const before = state;
          state = deploy(state, history.slice(0, length));
          seen.deployments += 1;
          const lines = followClasses([], history.slice(0, length));
          expect([...state.classes.keys()].sort()).toEqual(lines.map(({ name }) => name).sort());
          // Whatever was live and is still wanted has kept its stored objects.
          const live = followClasses([], history.slice(0, done)).map(({ name }) => name);
          for (const { name, before: old } of followClasses(live, history.slice(done, length))) {
            if (old !== undefined) expect(state.classes.get(name)).toBe(before.classes.get(old));
          }
          done = length;
        }
      }),
      { numRuns },
    );
    console.log(
      `${seen.histories} histories, ${seen.steps} steps, ${seen.deployments} deployments, all at the wanted classes`,
    );
  },
);

test("what is applied is never sent again", patient, () => {
  fc.assert(
    fc.property(moves, (all) => {
      const history = toHistory(all);
      const once = deploy(noObjects, history);
      const classes = [...once.classes.keys()];
      const again = planMigrations({
        history,
        exported: classes,
        bound: classes,
        live: { migrationTag: once.tag, classes },
        allowDurableObjectDeletion: [],
      });
      expect(again).toBeUndefined();
    }),
    { numRuns },
  );
});
