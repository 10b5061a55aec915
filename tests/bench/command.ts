import { toCost } from "../../scripts/docs/performance/page.ts";
import { judge } from "../../scripts/docs/performance/targets.ts";
import type { Contestant } from "./contestants.ts";
import { figures } from "./figures/index.ts";
import { keepPerformance } from "./keep.ts";
import { type BenchOptions, chooseWork } from "./options.ts";
import { profileWork, toProfileText } from "./profile.ts";
import { runFigures } from "./run.ts";
import { toJudgement, toTerminalTable } from "./table.ts";

/**
 * Measures contestants as a person asked for it, and prints what they came to.
 * @returns exit code: 1 where a whole run misses what it is held to.
 */
export async function measure(
  contestants: readonly Contestant[],
  options: BenchOptions,
): Promise<number> {
  const chosen = contestants.filter(({ name }) => options.contestants.includes(name));
  if (options.isProfile) {
    const [first] = chosen;
    const work = chooseWork(options);
    if (first !== undefined) console.log(toProfileText(work, await profileWork(first, work)));
    return 0;
  }
  const measured = await runFigures({
    contestants: chosen,
    figures: figures.filter(({ name }) => options.only.includes(name)),
    rounds: options.rounds,
    onProgress: (words) => console.error(words),
  });
  const titles = Object.fromEntries(chosen.map(({ name, title }) => [name, title]));
  const cost = toCost(measured, Object.keys(titles));
  for (const figure of [...Object.values(measured), ...(cost === undefined ? [] : [cost])]) {
    console.log(`\n${toTerminalTable(figure, titles)}`);
  }
  if (options.isKept) {
    await keepPerformance(measured, { titles, order: figures.map(({ name }) => name) });
    console.log("\nKept for docs/performance.md: npm run docs puts the figures there.");
  }
  const judged = judge(measured);
  if (judged.length > 0) console.log(`\n${toJudgement(judged)}`);
  return options.isWhole && judged.some(({ isReached }) => !isReached) ? 1 : 0;
}
