/**
 * The short-lived process that runs the program, so that the SDKs do not stay in memory. Nothing of the checkout
 * is loaded before it is asked, but for what makes it start quickly: it may wait for a while, and the files change
 * meanwhile. The packages that the program imports are: a changed setting does not wait for them then.
 */
import "../../infra/quick-start.ts";
import "@modelcontextprotocol/server";
// A resource's own file brings all that they share. The package as a whole would bring 800 files.
import "@pulumi/cloudflare/workersScript.js";
import "@pulumi/pulumi";
import "esbuild";
import "oauth4webapi";
import "zod";
import type { ProgramRequest } from "./declared-resource.ts";

process.once("message", async (request: ProgramRequest) => {
  const { answerRequest } = await import("./answer-request.ts");
  const answer = await answerRequest(request);
  process.send?.(answer, undefined, undefined, () => process.exit());
});

// Nobody waits for the answer any more.
process.once("disconnect", () => process.exit());
