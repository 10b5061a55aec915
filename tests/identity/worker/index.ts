/** The product's Worker with one tool that acts for the person at the service they sign in with. */
import * as z from "zod";
import { createWorker } from "../../../worker/create-worker.ts";
import { digest } from "../../../worker/digest.ts";
import { defineTool } from "../../../worker/kit/index.ts";

export * from "../../../worker/objects.ts";

/** Says which token it has by its digest, or tries to give it away. */
const upstream = defineTool({
  name: "upstream",
  title: "Upstream",
  description: "Returns the digest of the token of the service that the person signs in with.",
  scope: "demo:use",
  input: z.object({ fails: z.boolean().default(false) }),
  output: z.object({ digest: z.string() }),
  annotations: { readOnlyHint: true, openWorldHint: true },
  needs: { upstreamToken: { reason: "a test shows that it gets one", scopes: ["repo"] } },
  async run({ fails }, { needs: { upstreamToken } }) {
    if (fails) throw new Error(`The service refused Bearer ${upstreamToken}`);
    return { structured: { digest: await digest(upstreamToken) }, text: "" };
  },
});

const { handlers, McpSession } = createWorker({
  scopes: { "demo:use": { words: "Act at the service", isBase: true } },
  tools: [upstream],
  resources: [],
  prompts: [],
});

export { McpSession };

export default handlers;
