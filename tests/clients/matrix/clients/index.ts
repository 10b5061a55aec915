import type { RecordedClient } from "../recorded-client.ts";
import { chatgpt } from "./chatgpt.ts";
import { claude } from "./claude.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { csharp } from "./csharp.ts";
import { cursor } from "./cursor.ts";
import { inspector } from "./inspector.ts";
import { mcpRemote } from "./mcp-remote.ts";
import { vsCode } from "./vs-code.ts";

/** Every client and every way it connects, in the order of the table. */
export const recordedClients: readonly RecordedClient[] = [
  ...claude,
  ...claudeCode,
  ...chatgpt,
  ...codex,
  ...cursor,
  ...vsCode,
  ...mcpRemote,
  ...inspector,
  ...csharp,
];
