import { resolve } from "node:path";

/**
 * Where Node keeps compiled modules of test processes, and of programs that tests start: the folder that
 * `npm run mcp` has, too.
 */
export const compileCache = resolve(
  import.meta.dirname,
  "../../node_modules/.cache/remote-mcp-server",
);
