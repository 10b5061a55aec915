/**
 * `npm run bench`: this server beside what people would use instead, in one run: only such figures can be compared.
 * Each has a workerd of its own; the load comes from a process of its own.
 *
 * `--only calls,login` measures some figures, `--contestants ours,plain` some servers, `--rounds 1` less often. A
 * whole run keeps its figures for docs/performance.md, any other does with `--keep`. `--profile` tells where the
 * time of a call goes instead, with `--only login` that of a login.
 */
import { runMain } from "../../scripts/run-main.ts";
import { measure } from "./command.ts";
import { contestants } from "./contestants.ts";
import { figures } from "./figures/index.ts";
import { readOptions } from "./options.ts";

await runMain(() => {
  const options = readOptions(process.argv.slice(2), {
    figures: figures.map(({ name }) => name),
    contestants: contestants.map(({ name }) => name),
  });
  return measure(contestants, options);
});
