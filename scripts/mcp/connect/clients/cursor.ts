import { cursorForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient, Target } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

/** Cursor. It finds out by itself which transport the URL has. */
export const cursor: ConnectClient = {
  id: cursorForm.id,
  title: cursorForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: cursorForm.section,
    user: (machine) => inHome(machine, ".cursor", "mcp.json"),
    project: [".cursor", "mcp.json"],
    createEntry: cursorForm.createEntry,
  },
  listOtherWays: (target) => [{ what: "As a link to open", line: createLink(target) }],
  token: {
    createEntry: (target, variable) => ({
      ...cursorForm.createEntry(target),
      ...toBearerHeaders(`\${env:${variable}}`),
    }),
    listSteps: ({ name }, variable) => [
      tellVariable("Cursor", variable),
      `Start Cursor again, and switch ${name} on in Settings, Tools & MCP.`,
    ],
  },
  listSteps: ({ name }) => [
    `In Cursor, open Settings, Tools & MCP, switch ${name} on and choose Connect: a browser opens, sign in and approve.`,
  ],
};

/** Source: cursor.com/docs/mcp/install-links. */
function createLink(target: Target): string {
  const config = Buffer.from(JSON.stringify(cursorForm.createEntry(target))).toString("base64");
  const query = new URLSearchParams({ name: target.name, config });
  return `cursor://anysphere.cursor-deeplink/mcp/install?${query}`;
}
