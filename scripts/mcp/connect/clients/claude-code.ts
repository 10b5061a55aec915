import type { ConnectClient } from "../client.ts";

/** Claude Code. The person's own file is rewritten by the client as it runs, so the project's is used. */
export const claudeCode: ConnectClient = {
  id: "claude-code",
  title: "Claude Code",
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: "mcpServers",
    project: [".mcp.json"],
    createEntry: ({ transport, url }) => ({ type: transport, url }),
  },
  listOtherWays: ({ name, transport, url }) => [
    {
      what: "In a terminal, for every project of yours",
      line: `claude mcp add --transport ${transport} --scope user ${name} ${url}`,
    },
  ],
  listSteps: ({ name }) => [
    `Start Claude Code in that folder and approve the server of the project.`,
    `Enter /mcp, choose ${name}, then Authenticate: a browser opens, sign in and approve.`,
  ],
};
