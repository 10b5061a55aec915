import { claudeCodeForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

/** Claude Code. The person's own file is rewritten by the client as it runs, so the project's is used. */
export const claudeCode: ConnectClient = {
  id: claudeCodeForm.id,
  title: claudeCodeForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: claudeCodeForm.section,
    project: [".mcp.json"],
    createEntry: claudeCodeForm.createEntry,
  },
  listOtherWays: (target) => [
    {
      what: "In a terminal, for every project of yours",
      line: claudeCodeForm.createLine(target),
    },
  ],
  token: {
    createEntry: (target, variable) => ({
      ...claudeCodeForm.createEntry(target),
      ...toBearerHeaders(`\${${variable}}`),
    }),
    listSteps: (_target, variable) => [
      tellVariable("Claude Code", variable),
      "Start Claude Code in that folder and approve the server of the project.",
    ],
  },
  listSteps: ({ name }) => [
    `Start Claude Code in that folder and approve the server of the project.`,
    `Enter /mcp, choose ${name}, then Authenticate: a browser opens, sign in and approve.`,
  ],
};
