import type { Command } from "commander";
import { type AdminServer, openServer } from "./open-server.ts";

/**
 * Opens the server of the stack that `--stack` names.
 * @throws UserError for a stack that cannot be read, or a token that may not do this.
 */
export async function openNamed(command: Command): Promise<AdminServer> {
  const { stack } = command.optsWithGlobals<{ stack?: string }>();
  if (stack === undefined) {
    command.error(
      "error: --stack: no stack is named. Name one, as in --stack prod; `npx pulumi stack ls` lists them.",
    );
  }
  // Loaded here: Pulumi's SDK takes a second.
  const { readStack } = await import("./stack.ts");
  return openServer(await readStack(stack));
}
