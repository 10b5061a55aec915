/** `npm run mcp -- <command>`: what people do with a server that runs. */
import { styleText } from "node:util";
import { UserError } from "./errors.ts";
import { runCommandLine } from "./mcp/command-line.ts";

try {
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  const isExpected = error instanceof UserError;
  const text = isExpected ? error.message : String((error as Error).stack);
  console.error(styleText("red", text, { stream: process.stderr }));
  // Not exit(): what was written may still be on its way into a pipe.
  process.exitCode = 1;
}
