import type { ConnectClient } from "../client.ts";
import { chatgpt } from "./chatgpt.ts";
import { claudeAi } from "./claude-ai.ts";
import { claudeCode } from "./claude-code.ts";
import { claudeDesktop } from "./claude-desktop.ts";
import { codex } from "./codex.ts";
import { cursor } from "./cursor.ts";
import { gemini } from "./gemini.ts";
import { inspector } from "./inspector.ts";
import { vscode } from "./vscode.ts";
import { windsurf } from "./windsurf.ts";
import { zed } from "./zed.ts";

/** Every client, in the order they are listed. */
export const clients: readonly ConnectClient[] = [
  claudeDesktop,
  claudeCode,
  claudeAi,
  chatgpt,
  cursor,
  vscode,
  codex,
  windsurf,
  zed,
  gemini,
  inspector,
];
