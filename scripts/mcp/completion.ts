/** `npm run mcp -- completion`: what a shell needs to complete `remote-mcp`. */
import { Argument, Command } from "commander";
import { programName } from "./complete.ts";

const details = `
Examples:
  npm link                                              makes remote-mcp a command
  source <(remote-mcp completion bash)                  for this bash; zsh alike
  remote-mcp completion fish | source                   for this fish
  remote-mcp completion powershell | Out-String | Invoke-Expression

Put the line into your shell's startup file to keep it. bash needs the package bash-completion.
Commands, options, clients and the stacks of the folder you are in are completed.
`;

/** `completion <shell>` */
export function createCommand(): Command {
  return new Command("completion")
    .description("Prints a script that completes `remote-mcp` in your shell.")
    .addArgument(
      new Argument("<shell>", "your shell").choices(["bash", "zsh", "fish", "powershell"]),
    )
    .addHelpText("after", details)
    .action(async (shell: string) => {
      const { script } = await import("@bomb.sh/tab");
      script(shell, programName, programName);
    });
}
