/** `npm run mcp -- <command>`: what people do with a server that runs. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { styleText } from "node:util";
import { UserError } from "./errors.ts";
import { dropUnsetVariables } from "./github/unset-variables.ts";
import { runCommandLine } from "./mcp/command-line.ts";
import { toPlainText } from "./plain-text.ts";

// What a command loads is Pulumi's SDK and Cloudflare's: this halves the time it takes. Not in the
// system's folder for temporary files, which is Node's default: another user could lay code there.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/remote-mcp-server"));
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
