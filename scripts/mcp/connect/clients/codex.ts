import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";

/** Codex: the CLI, the editor extension and the desktop app read one file. It does not speak HTTP+SSE. */
export const codex: ConnectClient = {
  id: "codex",
  title: "Codex",
  transports: ["http"],
  file: {
    format: "toml",
    section: "mcp_servers",
    user: (machine) =>
      machine.env.CODEX_HOME
        ? `${machine.env.CODEX_HOME}/config.toml`
        : inHome(machine, ".codex", "config.toml"),
    project: [".codex", "config.toml"],
    createEntry: ({ url }) => ({ url }),
  },
  listOtherWays: ({ name, url }) => [
    { what: "In a terminal", line: `codex mcp add ${name} --url ${url}` },
  ],
  listSteps: ({ name }) => [
    `Run \`codex mcp login ${name}\`: a browser opens, sign in and approve.`,
  ],
};
