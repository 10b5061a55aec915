import { expect, test } from "vitest";
import { previewPlan } from "../deploy/preview-plan.ts";
import { showEngine } from "./engine-events.ts";
import type { ProjectStack, RunOptions } from "./stack.ts";

/** What a terminal shows and a log gets while calls fail. */
function listen(isTTY: boolean) {
  const [shown, logged]: [string[], string[]] = [[], []];
  const progress = { show: (what: string) => void shown.push(what), clear() {} };
  const log = { isTTY, write: (text: string) => logged.push(text) > 0 };
  return { shown, logged, engine: showEngine(progress, log as unknown as typeof process.stderr) };
}

const troubles = [1, 2, 3].map((attempt) => ({
  attempt,
  text: `Cloudflare answers 500, try ${attempt} of 11`,
}));

test("each call that Cloudflare fails to answer is shown on a terminal, and in a log from the third on", () => {
  const [terminal, log] = [listen(true), listen(false)];
  for (const each of troubles) for (const { engine } of [terminal, log]) engine.onTrouble?.(each);
  expect(terminal.shown).toEqual(troubles.map(({ text }) => text));
  expect(terminal.logged).toEqual([]);
  expect(log.logged).toEqual(["Cloudflare answers 500, try 3 of 11\n"]);
});

test("the plan of a deployment tells of such calls, too", async () => {
  const { shown, engine } = listen(true);
  const stack = {
    async preview({ onTrouble }: RunOptions) {
      for (const each of troubles) onTrouble?.(each);
      return {};
    },
  };
  await previewPlan(stack as unknown as ProjectStack, engine);
  expect(shown).toEqual(troubles.map(({ text }) => text));
});
