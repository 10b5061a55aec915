/** `npm run mcp -- connect`: puts a server into a client's configuration. */
import { Argument, Command, Option } from "commander";
import { clients } from "./connect/clients/index.ts";
import type { ConnectOptions } from "./connect/request.ts";
import { createStackOption, createValueOption } from "./options.ts";

const details = `
Without a client, lists the clients. Without --write, shows the entry for the client and changes
nothing. --url or --stack names the server; otherwise it is the dev server on
http://localhost:8787. In the client it has the name that the stack's serverName gives it; without
one it is the project's name, and <name>-<stack> for any
stack but dev. A server given by --url is called by its host.

--write keeps the rest of the file as it is, with its comments, and a backup beside it.
--undo restores what was there before, and keeps later edits.

Examples:
  npm run mcp -- connect claude-desktop --write            the dev server, into Claude Desktop
  npm run mcp -- connect vscode --stack prod               shows the entry for VS Code
  npm run mcp -- connect cursor --url https://orders.example.workers.dev --write
  npm run mcp -- connect claude-code --project ~/work/app --write
  npm run mcp -- connect codex --token --write             names the variable that holds your token
  npm run mcp -- connect cursor --undo
`;

/** `connect [client]` */
export function createCommand(): Command {
  const client = new Argument("[client]", "client to connect").choices(clients.map(({ id }) => id));
  return new Command("connect")
    .description("Shows, or writes into a client's own file, what connects the client to a server.")
    .addArgument(client)
    .addOption(createValueOption("--url <url>", "URL of the server"))
    .addOption(createStackOption("deployed stack: Pulumi.<name>.yaml").conflicts("url"))
    .addOption(
      new Option(
        "--transport <transport>",
        "http is Streamable HTTP; default: what suits the client",
      ).choices(["http", "sse"]),
    )
    .addOption(createValueOption("--name <name>", "name of the server in the client"))
    .addOption(createValueOption("--project <folder>", "the file of a project, not your own"))
    .option("--token", "give it a token of yours, by variable or prompt, in place of a sign-in")
    .option("--write", "write it into the client's file")
    .addOption(new Option("--undo", "restore what was there before").conflicts("write"))
    .option("--yes", "replace an entry of the same name without asking")
    .option("--json", "print JSON")
    .addHelpText("after", details)
    .action(async (id: string | undefined, options: ConnectOptions, command: Command) => {
      const { connect } = await import("./connect/run.ts");
      await connect(
        clients.find((known) => known.id === id),
        options,
        command,
      );
    });
}
