import { codexForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";
import { inHome } from "../machine.ts";
import { tellVariable } from "../with-token.ts";

/** Codex: the CLI, the editor extension and the desktop app read one file. It does not speak HTTP+SSE. */
export const codex: ConnectClient = {
  id: codexForm.id,
  title: codexForm.title,
  transports: ["http"],
  file: {
    format: "toml",
    section: codexForm.section,
    user: (machine) =>
      machine.env.CODEX_HOME
        ? `${machine.env.CODEX_HOME}/config.toml`
        : inHome(machine, ".codex", "config.toml"),
    project: [".codex", "config.toml"],
    createEntry: codexForm.createEntry,
  },
  listOtherWays: (target) => [{ what: "In a terminal", line: codexForm.createLine(target) }],
  token: {
    createEntry: (target, variable) => ({
      ...codexForm.createEntry(target),
      bearer_token_env_var: variable,
    }),
    listOtherWays: (target, variable) => [
      {
        what: "In a terminal",
        line: `${codexForm.createLine(target)} --bearer-token-env-var ${variable}`,
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
