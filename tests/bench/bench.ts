/**
 * `npm run bench`: this server beside what people would use instead, in one run: only such figures can be compared.
 * Each has a workerd of its own; the load comes from a process of its own.
 */
import { runMain } from "../../scripts/run-main.ts";
import { contestants } from "./contestants.ts";
import { figures } from "./figures/index.ts";
import { readOptions } from "./options.ts";
import { printProfile } from "./profile.ts";
import { runFigures } from "./run.ts";
import { toTerminalTable } from "./table.ts";

await runMain(async () => {
  const options = readOptions(process.argv.slice(2), {
    figures: figures.map(({ name }) => name),
    contestants: contestants.map(({ name }) => name),
  });
  const chosen = contestants.filter(({ name }) => options.contestants.includes(name));
  if (options.isProfile) {
    for (const contestant of chosen.slice(0, 1)) await printProfile(contestant);
    return;
  }
  const measured = await runFigures({
    contestants: chosen,
    figures: figures.filter(({ name }) => options.only.includes(name)),
    rounds: options.rounds,
    onProgress: (words) => console.error(words),
  });
  const titles = Object.fromEntries(chosen.map(({ name, title }) => [name, title]));
  for (const figure of Object.values(measured)) {
    console.log(`\n${toTerminalTable(figure, titles)}`);
  }
});
