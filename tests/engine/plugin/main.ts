/**
 * A stand-in for `pulumi-resource-cloudflare`, the plugin by which the engine makes Cloudflare's
 * resources. The real one is a Go program in Pulumi's releases. This one makes the same calls of the
 * API, held against recorded traffic of the real one, and speaks only to an API on this machine.
 *
 *   pulumi-resource-cloudflare [flags] <address of the engine>
 */
import { Provider } from "./provider.ts";
import { serve } from "./serve.ts";

const port = await serve(new Provider());
// The engine reads it from the first line.
console.log(port);

// The engine holds the other end: when it is gone, however it ended, nothing is left to do.
process.stdin.resume().on("end", () => process.exit());
