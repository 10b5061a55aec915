import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

/** Gemini CLI. `httpUrl` is Streamable HTTP; `url` would be HTTP+SSE. */
export const gemini: ConnectClient = {
  id: "gemini",
  title: "Gemini CLI",
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: "mcpServers",
    user: (machine) => inHome(machine, ".gemini", "settings.json"),
    project: [".gemini", "settings.json"],
    createEntry: ({ transport, url }) => (transport === "http" ? { httpUrl: url } : { url }),
  },
  listOtherWays: ({ name, transport, url }) => [
    {
      what: "In a terminal",
      line: `gemini mcp add --scope user --transport ${transport} ${name} ${url}`,
    },
  ],
  token: {
    createEntry: ({ transport, url }, variable) => ({
      ...(transport === "http" ? { httpUrl: url } : { url }),
      ...toBearerHeaders(`\${${variable}}`),
    }),
    listSteps: (_target, variable) => [
      tellVariable("Gemini CLI", variable),
      "Start Gemini CLI again, and enter /mcp.",
    ],
  },
  listSteps: ({ name }) => [
    `In Gemini CLI, enter /mcp auth ${name}: a browser opens, sign in and approve.`,
  ],
};
