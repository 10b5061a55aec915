import type { McpServer, ServerContext } from "@modelcontextprotocol/server";
import type { Prompt } from "../kit/define-prompt.ts";
import { beginCall, type McpConnection } from "./call.ts";
import {
  challengeScope,
  guard,
  listServerIcons,
  requireScope,
  toScopeMeta,
} from "./registration.ts";

export function registerPrompts(
  server: McpServer,
  prompts: readonly Prompt[],
  connection: McpConnection,
): void {
  for (const prompt of prompts) {
    const { title, description, scope, args: argsSchema, icons } = prompt;
    server.registerPrompt(
      prompt.name,
      {
        title,
        description,
        argsSchema,
        icons: icons ?? listServerIcons(connection.settings),
        scopeChallenge: challengeScope(connection, scope),
        _meta: toScopeMeta(scope),
      },
      (args, ctx) => writePrompt(prompt, args, ctx, connection),
    );
  }
}

async function writePrompt(
  prompt: Prompt,
  args: Record<string, unknown>,
  ctx: ServerContext,
  connection: McpConnection,
) {
  requireScope(connection, prompt.scope, ctx);
  return guard(prompt.name, async () => {
    const call = await beginCall({ name: prompt.name, args }, ctx, connection);
    try {
      const messages = await prompt.write(args, call.context);
      return (await call.toInputRequired()) ?? { messages: [...messages] };
    } catch (error) {
      const asked = await call.toInputRequired();
      if (asked !== undefined) return asked;
      throw error;
    }
  });
}
