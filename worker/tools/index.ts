import add from "./add.ts";
import type { Tool } from "./define-tool.ts";
import whoami from "./whoami.ts";

/** Every tool of this server, in the order `tools/list` gives them. A new tool is one file and one line here. */
export const tools: readonly Tool[] = [add, whoami];
