/** `npm start`: begins with what takes longest, and loads the dev server meanwhile. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { startProgramAhead } from "./dev/start-program.ts";

// Not in the system's folder for temporary files, which is Node's default: another user could lay code there.
enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/remote-mcp-server"));
// Of esbuild, whose process lives for one bundle here: collecting its garbage takes a quarter of its time. Run from
// a shell it does the same.
process.env.GOGC ??= "off";
if (!process.argv.includes("--help")) startProgramAhead();
await import("./dev.ts");
