/** What `pulumi up` runs. */
import { program } from "./program.ts";

export const {
  url,
  mcpUrl,
  sseUrl,
  scriptName,
  kvNamespaceId,
  migrationTag,
  bundle,
  claudeDesktopConfig,
} = await program();
