import * as z from "zod";
import { defineTool, pause } from "../kit/index.ts";

/** Walks a number line at random: a long task, to see progress and cancellation with. */
export default defineTool({
  name: "random_walk",
  title: "Walk at random",
  description:
    "Takes random steps of +1 or -1 from 0, one after the other, and reports progress after each. Use it to try out long tasks. Takes up to 500 steps of up to 1,000 ms each; the same seed gives the same walk.",
  scope: "math:use",
  input: z.object({
    steps: z.int().min(1).max(500).default(20).describe("How many steps"),
    pause: z.int().min(0).max(1000).default(100).describe("Milliseconds before each step"),
    seed: z.int().min(0).max(0xffff_ffff).default(1).describe("Chooses the walk"),
  }),
  output: z.object({
    position: z.int().describe("Where it ended"),
    lowest: z.int().describe("Farthest below 0, or 0"),
    highest: z.int().describe("Farthest above 0, or 0"),
    steps: z.int().describe("How many were taken"),
  }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  progressExample: { steps: 4, pause: 50 },
  async run({ steps, pause: milliseconds, seed }, { progress, signal }) {
    const random = createRandom(seed);
    const walk = { position: 0, lowest: 0, highest: 0, steps };
    for (let step = 1; step <= steps; step++) {
      await pause(milliseconds, signal);
      walk.position += random() < 0.5 ? -1 : 1;
      walk.lowest = Math.min(walk.lowest, walk.position);
      walk.highest = Math.max(walk.highest, walk.position);
      await progress(step, steps, `At ${walk.position}`);
    }
    return { structured: walk, text: `Ended at ${walk.position} after ${steps} steps.` };
  },
});

/** The same numbers from 0 to 1 for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
