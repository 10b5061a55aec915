import { type Command, InvalidArgumentError } from "commander";
import { isRecord } from "../../json.ts";
import { createStackOption, createValueOption } from "../options.ts";

/** Options of every command that speaks to a server as a client. */
export interface ClientOptions {
  readonly url?: string;
  readonly stack?: string;
  readonly json?: true;
  /** Nobody is there. */
  readonly ci?: true;
  /** Forgets the sign-in that is remembered, and signs in again. */
  readonly signIn?: true;
}

/** The part of their help about the server and the sign-in. */
export const signInHelp = `
The server is the one of \`npm start\`, or --stack or --url. Your browser opens for the first sign-in, and again
where more has to be allowed; after that it is remembered in a file that only you can read. MCP_TOKEN gives a
token instead, a personal one (\`token create\`) or another, which is not kept. Questions and progress are shown on a terminal.
`;

/** The last line of each help. */
export const exitCodes = "Exit codes: 0 done, 1 failed, 2 wrong usage.\n";

/** Adds the options of every such command. */
export function addClientOptions(command: Command): Command {
  return command
    .addOption(createValueOption("--url <url>", "URL of the server"))
    .addOption(createStackOption("deployed stack: Pulumi.<name>.yaml").conflicts("url"))
    .option("--sign-in", "sign in again, as somebody else perhaps")
    .option("--ci", "nobody is there: opens no browser, asks nothing")
    .option("--json", "print JSON, as the server sent it");
}

/**
 * Arguments of a tool or a prompt: a JSON object.
 * @throws InvalidArgumentError for anything else.
 */
export function takeArguments(text: string): Readonly<Record<string, unknown>> {
  const example = `Give an object such as '{"a": 1}', in quotes of your shell.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "";
    throw new InvalidArgumentError(`It is not JSON: ${reason}. ${example}`);
  }
  if (isRecord(value)) return value;
  throw new InvalidArgumentError(`It must be a JSON object. ${example}`);
}

/** Arguments of a prompt, which are texts. A number or a yes or no is taken as its text. */
export function takePromptArguments(text: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(takeArguments(text)).map(([name, value]) => {
      if (typeof value === "object") {
        throw new InvalidArgumentError(
          `Arguments of a prompt must be strings, and ${name} is not.`,
        );
      }
      return [name, String(value)];
    }),
  );
}
