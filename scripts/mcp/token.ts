/** `npm run mcp -- token`: makes, lists and ends a person's tokens for programs without a browser. */
import { Command, InvalidArgumentError, Option } from "commander";
import { addClientOptions, type ClientOptions, exitCodes } from "./client/options.ts";
import { takeValue } from "./options.ts";

const details = `
The server is the one of \`npm start\`, or --stack or --url, and must allow it (setting personalTokens). Your
browser opens for the first sign-in, for this alone: it opens no tool. After that it is remembered in a file
that only you can read; whoever has that file can make tokens as you.

Examples:
  npm run mcp -- token create "Nightly report" --scope notes:read --stack prod
  npm run mcp -- token create Deploys --scope notes:read notes:write --days 7 | gh secret set MCP_TOKEN
  npm run mcp -- token list --stack prod
  npm run mcp -- token revoke "Nightly report" --stack prod

${exitCodes}`;

interface CreateOptions extends ClientOptions {
  readonly scope: readonly string[];
  readonly days?: number;
  readonly endpoint?: "mcp" | "sse";
}

/** `token create|list|revoke` */
export function createCommand(): Command {
  return new Command("token")
    .description("Makes, lists and ends your tokens for programs that have no browser.")
    .addHelpText("after", details)
    .addCommand(createCreateCommand())
    .addCommand(createListCommand())
    .addCommand(createRevokeCommand());
}

function createCreateCommand(): Command {
  const command = new Command("create")
    .summary("make a token, and print it this once")
    .description(
      "Makes a token. It alone is printed on the standard output, and cannot be shown again.",
    )
    .argument("<name>", "what it is for, as your list of tokens will say", takeValue)
    .addOption(
      new Option("--scope <scope...>", "what it may do: never more than you may")
        .argParser((value: string, all: readonly string[] = []) => [...all, takeValue(value)])
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        "--days <days>",
        "days it lives; default: 30, or as many as the server allows",
      ).argParser(takeDays),
    )
    .addOption(
      new Option("--endpoint <endpoint>", "the one endpoint it opens; default: mcp").choices([
        "mcp",
        "sse",
      ]),
    );
  return addClientOptions(command).action(async (name: string, options: CreateOptions) => {
    const { createPersonalToken } = await import("./client/tokens.ts");
    const { scope: scopes, days, endpoint } = options;
    await createPersonalToken(options, { name, scopes, days, endpoint });
  });
}

function createListCommand(): Command {
  const command = new Command("list")
    .summary("your tokens, with the last day of use")
    .description("Lists your tokens. None is shown again: they are told apart by their names.");
  return addClientOptions(command).action(async (options: ClientOptions) => {
    const { listPersonalTokens } = await import("./client/tokens.ts");
    await listPersonalTokens(options);
  });
}

function createRevokeCommand(): Command {
  const command = new Command("revoke")
    .summary("end a token")
    .description("Ends a token. Programs that have it are refused within about a minute.")
    .argument("<name>", "its name or its id, as `token list` prints them", takeValue);
  return addClientOptions(command).action(async (name: string, options: ClientOptions) => {
    const { revokePersonalToken } = await import("./client/tokens.ts");
    await revokePersonalToken(options, name);
  });
}

/** @throws InvalidArgumentError for what is not a number of days. */
function takeDays(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text))
    throw new InvalidArgumentError("Give a number of days, such as 30.");
  return Number(text);
}
