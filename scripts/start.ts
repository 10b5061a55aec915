/** `npm start`: begins with what takes longest, and loads the dev server meanwhile. */
import "../infra/quick-start.ts";
import { startProgramAhead } from "./dev/start-program.ts";

// Of esbuild, whose process lives for one bundle here: collecting its garbage takes a quarter of its time. Run from
// a shell it does the same.
process.env.GOGC ??= "off";
if (!process.argv.includes("--help")) startProgramAhead();
await import("./dev.ts");
