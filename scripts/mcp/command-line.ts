import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { commands } from "./commands.ts";

const examples = `
Examples:
  npm run mcp -- connect claude-desktop --write
  npm run mcp -- admin --stack prod grants
  npm run mcp -- <command> --help

Exit codes: 0 done, 1 failed, 2 wrong usage.
In a shell of your own, \`npm link\` makes \`remote-mcp <command>\` of it.
`;

/**
 * Parses and runs a command. What is wrong with the arguments has then been said on the standard error.
 * @returns the exit code: 0 done, 2 wrong usage; a command may have set process.exitCode itself.
 * @throws whatever the command throws: a UserError for what a person can mend.
 */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const program = await createProgram(findNamed(args));
  try {
    // No arguments: somebody is looking around, which is not a mistake.
    await program.parseAsync(args.length === 0 ? ["--help"] : [...args], { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

/**
 * The whole command line. A command that is not among the named has its name and summary only, so that
 * its module is not loaded.
 */
async function createProgram(named: ReadonlySet<string>): Promise<Command> {
  const program = new Command("npm run mcp --")
    .usage("<command> [options]")
    .description("Works on a server that runs: on this machine, or a deployed stack.")
    .helpCommand("help [command]", "show what a command takes")
    .addHelpText("after", examples);
  for (const [name, [summary, load]] of Object.entries(commands)) {
    const command = named.has(name) ? (await load()).createCommand() : new Command(name);
    program.addCommand(command.summary(summary), { hidden: name === "complete" });
  }
  prepare(program);
  return program;
}

/** Names of commands that the arguments begin with: `connect …`, `help connect`. */
function findNamed(args: readonly string[]): ReadonlySet<string> {
  const [first = "", second = ""] = args.filter((arg) => !arg.startsWith("-"));
  const name = first === "help" ? second : first;
  return new Set(Object.hasOwn(commands, name) ? [name] : []);
}

/** Settings that all commands share. Commander hands them down only to commands that it makes itself. */
function prepare(command: Command): void {
  command
    .exitOverride()
    .showHelpAfterError("(--help shows what it takes)")
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => styleText("bold", title, { validateStream: false }),
      styleCommandText: (text) => styleText("cyan", text, { validateStream: false }),
    })
    .configureOutput({
      outputError: (text, write) => write(styleText("red", text, { stream: process.stderr })),
    });
  for (const child of command.commands) prepare(child);
}
