import { geminiForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable, toBearerHeaders } from "../with-token.ts";

/** Gemini CLI. */
export const gemini: ConnectClient = {
  id: geminiForm.id,
  title: geminiForm.title,
  transports: ["http", "sse"],
  file: {
    format: "jsonc",
    section: geminiForm.section,
    user: (machine) => inHome(machine, ".gemini", "settings.json"),
    project: [".gemini", "settings.json"],
    createEntry: geminiForm.createEntry,
  },
  listOtherWays: (target) => [{ what: "In a terminal", line: geminiForm.createLine(target) }],
  token: {
    createEntry: (target, variable) => ({
      ...geminiForm.createEntry(target),
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
