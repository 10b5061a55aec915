/** `npm run upgrade`: takes in what upstream has done since. */
import { resolve } from "node:path";
import { runMain } from "./run-main.ts";
import { runNpm } from "./upgrade/npm.ts";
import { help, parseOptions } from "./upgrade/options.ts";
import { upgrade } from "./upgrade/upgrade.ts";

await runMain(async () => {
  const options = parseOptions(process.argv.slice(2));
  if (options !== undefined) {
    return await upgrade(options, {
      root: resolve(import.meta.dirname, ".."),
      runNpm,
      print: console.log,
    });
  }
  process.stdout.write(help);
});
