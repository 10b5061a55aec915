/** `npm run mcp -- <command>`: what people do with a server that runs. */
import "../infra/quick-start.ts";
import { styleText } from "node:util";
import { UserError } from "./errors.ts";
import { dropUnsetVariables } from "./github/unset-variables.ts";
import { runCommandLine } from "./mcp/command-line.ts";
import { toPlainText } from "./plain-text.ts";

dropUnsetVariables(process.env);
try {
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  const text =
    error instanceof UserError
      ? toPlainText(error.message)
      : String(error instanceof Error ? error.stack : error);
  console.error(styleText("red", text, { stream: process.stderr }));
  // Not exit(): what was written may still be on its way into a pipe.
  process.exitCode = 1;
}
