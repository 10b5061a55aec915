/** The product's Worker with one tool that acts for the person at the service they sign in with. */
import * as z from "zod";
import { createWorker } from "../../../worker/create-worker.ts";
import { digest } from "../../../worker/digest.ts";
import { McpSession as ProductSession } from "../../../worker/mcp/session.ts";
import { defineTool } from "../../../worker/tools/define-tool.ts";

export { Throttle } from "../../../worker/oauth/limits/throttle.ts";
export { PurgeRun } from "../../../worker/oauth/purge-run.ts";
export { TokenGate } from "../../../worker/oauth/token-gate.ts";
export { Transaction } from "../../../worker/oauth/transactions/transaction.ts";
export { PersonState } from "../../../worker/state/person-state.ts";

/** Says which token it has by its digest, or tries to give it away. */
const upstream = defineTool({
  name: "upstream",
  title: "Upstream",
  description: "Returns the digest of the token of the service that the person signs in with.",
  scope: "math:use",
  input: z.object({ fails: z.boolean().default(false) }),
  output: z.object({ digest: z.string() }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  needs: { upstreamToken: { reason: "a test shows that it gets one", scopes: ["repo"] } },
  async run({ fails }, { needs: { upstreamToken } }) {
    if (fails) throw new Error(`The service refused Bearer ${upstreamToken}`);
    return { structured: { digest: await digest(upstreamToken) }, text: "" };
  },
});

const features = { tools: [upstream], resources: [], prompts: [] };

/** The product's sessions, which offer what this Worker offers. */
export class McpSession extends ProductSession {
  protected override readonly features = features;
}

export default createWorker(features);
