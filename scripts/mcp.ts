/** `npm run mcp -- <command>`: what people do with a stack that is deployed. */
import { styleText } from "node:util";
import { UserError } from "./errors.ts";

/** A command: a module with its own options and help. */
interface CommandModule {
  /** @throws UserError for a mistake of the person at the terminal. */
  run(args: string[]): Promise<void>;
}

/** Every command: what it is for, and its module, which only a call of the command loads. */
const commands: Readonly<Record<string, readonly [string, () => Promise<CommandModule>]>> = {
  admin: ["see and end who has access; clean up", () => import("./mcp/admin.ts")],
};

const help = `Works on a deployed stack.

  npm run mcp -- <command> [options]

${Object.entries(commands)
  .map(([name, [summary]]) => `  ${name.padEnd(10)}${summary}\n`)
  .join("")}
  npm run mcp -- <command> --help   shows what a command takes
`;

async function main([name, ...args]: string[]): Promise<void> {
  if (name === undefined || name === "--help") {
    process.stdout.write(help);
    return;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UserError(`"${name}" is no command.\n\n${help}`);
  const [, load] = command;
  await (await load()).run(args);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isExpected = error instanceof UserError;
  console.error(styleText("red", isExpected ? error.message : String((error as Error).stack)));
  // Not exit(): what was written may still be on its way into a pipe.
  process.exitCode = 1;
}
