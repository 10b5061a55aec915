import { chatgptForm } from "../../../../worker/pages/client-forms.ts";
import type { ConnectClient } from "../client.ts";

/** ChatGPT on the web, which calls from OpenAI's cloud. */
export const chatgpt: ConnectClient = {
  id: chatgptForm.id,
  title: chatgptForm.title,
  transports: ["http"],
  isHosted: chatgptForm.isHosted,
  listSteps: ({ name, url }) => [
    "Open https://chatgpt.com and choose Settings, Apps, Advanced settings; switch Developer mode on. (In a Business or Enterprise workspace an administrator allows that first.)",
    "Back in Apps, choose Create app.",
    `Name: ${name}`,
    `MCP Server URL: ${url}`,
    "Authentication: OAuth. Tick that you understand, and choose Create.",
    "A browser opens: sign in and approve.",
    `In a chat, open +, More, Developer mode, and choose ${name}.`,
  ],
};
