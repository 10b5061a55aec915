import { claudeAiForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";

/** Claude on the web and the phone, and the connectors of Claude Desktop: all call from Anthropic's cloud. */
export const claudeAi: ConnectClient = {
  id: claudeAiForm.id,
  title: claudeAiForm.title,
  transports: ["http", "sse"],
  isHosted: claudeAiForm.isHosted,
  listSteps: ({ name, url }) => [
    "Open https://claude.ai and choose Customize in the sidebar, then Connectors. (In a Team or Enterprise plan an owner adds it first, in the organization's settings.)",
    "Choose +, then Add custom connector.",
    `Name: ${name}`,
    `Remote MCP server URL: ${url}`,
    "Leave the advanced settings empty and choose Add.",
    "Choose Connect: sign in and approve.",
    "In a chat, open + and Connectors, and switch it on.",
  ],
};
