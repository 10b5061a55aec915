import { styleText } from "node:util";
import { UserError } from "./errors.ts";

/**
 * Runs a command to its end. A person's mistake is told in its words alone, in red; of anything else the
 * stack is shown, too. Either ends the process with 1.
 * @param main what the command does. A number it gives is the exit code; with none it is left as it is.
 */
export async function runMain(main: () => Promise<unknown>): Promise<void> {
  try {
    const code = await main();
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    const isExpected = error instanceof UserError;
    console.error(styleText("red", isExpected ? error.message : String((error as Error).stack)));
    process.exit(1);
  }
}
