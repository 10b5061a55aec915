/** `npm run upgrade`: takes in what upstream has done since. */
import { resolve } from "node:path";
import { styleText } from "node:util";
import { UserError } from "./errors.ts";
import { runNpm } from "./upgrade/npm.ts";
import { help, parseOptions } from "./upgrade/options.ts";
import { upgrade } from "./upgrade/upgrade.ts";

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(help);
  else
    process.exitCode = await upgrade(options, {
      root: resolve(import.meta.dirname, ".."),
      runNpm,
      print: console.log,
    });
} catch (error) {
  const isExpected = error instanceof UserError;
  console.error(styleText("red", isExpected ? error.message : String((error as Error).stack)));
  process.exitCode = 1;
}
