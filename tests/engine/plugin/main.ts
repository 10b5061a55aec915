/**
 * A stand-in for `pulumi-resource-cloudflare`, the plugin by which the engine makes Cloudflare's
 * resources. The real one is a Go program in Pulumi's releases. This one makes the same calls of the
 * API, held against recorded traffic of the real one, and speaks only to an API on this machine.
 *
 *   pulumi-resource-cloudflare [flags] <address of the engine>
 */
import { flushCompileCache } from "node:module";
import { outliveEngine } from "../shared/outlive-engine.ts";
import { connectEngine } from "./engine.ts";
import { Provider } from "./provider.ts";
import { serve } from "./serve.ts";

const port = await serve(new Provider(), connectEngine(process.argv.at(-1) ?? ""));
// The engine reads it from the first line.
console.log(port);
// What was compiled is kept at a process's own end, and the engine kills this one.
flushCompileCache();

// The engine holds the other end. One that ends in order ends its plugins itself.
process.stdin.resume().on("end", () => outliveEngine(process.env.PULUMI_HOME));
