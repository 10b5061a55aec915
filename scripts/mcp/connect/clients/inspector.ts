import { inspectorForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable } from "../with-token.ts";

/** The MCP Inspector, whose web page and CLI read one catalog of servers. */
export const inspector: ConnectClient = {
  id: inspectorForm.id,
  title: inspectorForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: inspectorForm.section,
    user: (machine) =>
      machine.env.MCP_CATALOG_PATH || inHome(machine, ".mcp-inspector", "mcp.json"),
    createEntry: inspectorForm.createEntry,
  },
  listOtherWays: ({ transport, url }) => [
    {
      what: "In a terminal, without a page",
      line: `npx @modelcontextprotocol/inspector --cli ${url} --transport ${transport} --method tools/list`,
    },
  ],
  // The catalog takes headers as they are: there is no variable in it.
  token: {
    listOtherWays: ({ transport, url }, variable) => [
      {
        what: "In a terminal, without a page",
        line: `npx @modelcontextprotocol/inspector --cli ${url} --transport ${transport} --header "Authorization: Bearer $${variable}" --method tools/list`,
      },
    ],
    listSteps: (_target, variable) => [tellVariable("the shell", variable)],
  },
  listSteps: ({ name }) => [
    `Run \`${inspectorForm.createLine()}\`: a page opens.`,
    `Switch ${name} on: a browser opens, sign in and approve.`,
  ],
};
