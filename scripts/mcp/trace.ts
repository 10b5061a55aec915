/** `npm run mcp -- trace`: from a line of a deployed Worker's log to the lines of the source. */
import { text as readText } from "node:stream/consumers";
import { Command } from "commander";
import { projectRoot } from "../../infra/bundle.ts";
import { createStackOption, takeValue } from "./options.ts";

interface TraceOptions {
  readonly stack?: string;
}

const details = `
A deployed Worker logs where an error was thrown as places in its bundle, such as worker.js:1:48210. Give it
a line of the log, a stack, or many lines: all of it is printed again, with places in the sources.
Source maps are what builds left in .build. With --stack it is the one of the bundle that the stack says is
deployed, else the newest.

Examples:
  npm run mcp -- trace --stack prod "worker.js:1:48210 worker.js:1:51877"
  npm run mcp -- trace --stack prod < failure.log

Exit codes: 0 done, 1 no place, or no map that fits, 2 wrong usage.
`;

/** `trace [text...]` */
export function createCommand(): Command {
  return new Command("trace")
    .description("Turns places in a deployed Worker's log into lines of the source.")
    .argument(
      "[text...]",
      "what the log says (default: read from the standard input)",
      (each: string, before: readonly string[] = []) => [...before, takeValue(each)],
    )
    .addOption(createStackOption("stack whose Worker wrote the log"))
    .addHelpText("after", details)
    .action(async (words: readonly string[] | undefined, { stack }: TraceOptions) => {
      const { describeMap, findDeployedBundle, trace } = await import("./trace/trace.ts");
      const deployed = stack === undefined ? undefined : await findDeployedBundle(stack);
      const text = words?.join(" ") ?? (await readInput());
      const { traced, map } = trace(text, { root: projectRoot, deployed });
      if (deployed === undefined) process.stderr.write(`${describeMap(map)}\n`);
      process.stdout.write(`${traced.trimEnd()}\n`);
    });
}

async function readInput(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write("Paste the lines of the log, then Ctrl+D:\n");
  return readText(process.stdin);
}
