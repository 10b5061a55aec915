/** `npm start`: begins with what takes longest, and loads the dev server meanwhile. */
import "../infra/quick-start.ts";
import { startProgramAhead } from "./dev/start-program.ts";

if (!process.argv.includes("--help")) startProgramAhead();
await import("./dev.ts");
