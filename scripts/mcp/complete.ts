import type { RootCommand } from "@bomb.sh/tab";
import { Command } from "commander";
import { listStackNames } from "./options.ts";

/** Name that the shell completes: the bin in package.json. */
export const programName = "remote-mcp";

/** `complete -- <words>`: what the script of `completion` asks at each tab. */
export function createCommand(): Command {
  return new Command("complete")
    .argument("[words...]", "the line so far, after `--`")
    .action(async (words: readonly string[]) => {
      const { default: tab } = await import("@bomb.sh/tab/commander");
      const completion = tab(await createProgram(words[0]), {
        completionCommandName: "completion",
      });
      offerStacks(completion);
      await offerFeatures(completion, words[0] ?? "");
      completion.parse([...words]);
    });
}

/**
 * Every command, and the one of the line with its options: a shell asks at each tab, and the others load much. Those of
 * the shell are the library's own here.
 */
async function createProgram(named: string | undefined): Promise<Command> {
  const { commands, shellCommands } = await import("./commands.ts");
  const program = new Command(programName);
  for (const [name, [summary, load]] of Object.entries(commands)) {
    if (shellCommands.has(name)) continue;
    const command = name === named ? (await load()).createCommand() : new Command(name);
    program.addCommand(command.summary(summary));
  }
  shorten(program);
  return program;
}

/** A list of completions has room for a line each. */
function shorten(command: Command): void {
  if (command.summary() !== "") command.description(command.summary());
  for (const child of command.commands) shorten(child);
}

/** Names the stacks after `--stack`, also if a command has it from the one above. */
function offerStacks({ commands }: RootCommand): void {
  for (const [path, command] of commands) {
    const [parent = ""] = path.split(" ");
    const option = command.options.get("stack") ?? commands.get(parent)?.options.get("stack");
    if (option === undefined) continue;
    command.option("stack", option.description, (offer) => {
      for (const name of listStackNames()) offer(name, "");
    });
  }
}

/**
 * Names what this checkout offers, after the command that takes it. A server elsewhere may offer other things:
 * nobody waits for its answer, or signs in, to complete a word.
 */
async function offerFeatures({ commands }: RootCommand, name: string): Promise<void> {
  if (!/^(?:call|list|prompt|read)$/.test(name)) return;
  const { ownFeatures } = await import("../../worker/features.ts");
  const tools = ownFeatures.tools.map((tool) => tool.name);
  const prompts = ownFeatures.prompts.map((prompt) => prompt.name);
  const uris = ownFeatures.resources.flatMap((resource) =>
    "uri" in resource ? [resource.uri] : [],
  );
  const offered = { call: tools, prompt: prompts, read: uris, list: [...tools, ...prompts] }[name];
  const argument = { call: "tool", prompt: "name", read: "uri", list: "name" }[name] ?? "";
  commands.get(name)?.argument(argument, (offer) => {
    for (const word of offered ?? []) offer(word, "");
  });
}
