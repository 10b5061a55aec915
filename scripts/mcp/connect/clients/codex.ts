import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable } from "../with-token.ts";

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
  token: {
    createEntry: ({ url }, variable) => ({ url, bearer_token_env_var: variable }),
    listOtherWays: ({ name, url }, variable) => [
      {
        what: "In a terminal",
        line: `codex mcp add ${name} --url ${url} --bearer-token-env-var ${variable}`,
      },
    ],
    listSteps: ({ name }, variable) => [
      tellVariable("Codex", variable),
      `Start Codex; \`codex mcp get ${name}\` shows the entry.`,
    ],
  },
  listSteps: ({ name }) => [
    `Run \`codex mcp login ${name}\`: a browser opens, sign in and approve.`,
  ],
};
