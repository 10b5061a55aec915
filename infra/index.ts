/** What `pulumi up` runs. */
import { program } from "./program.ts";

export const {
  url,
  mcpUrl,
  sseUrl,
  signInCallbackUrl,
  scriptName,
  kvNamespaceId,
  migrationTag,
  bundle,
  claudeDesktopConfig,
} = await program();
