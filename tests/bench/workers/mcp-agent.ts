/**
 * The design of Cloudflare's published demos, written for the benchmark: one Durable Object a session,
 * behind the OAuth library.
 */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpAgent } from "agents/mcp";
import { z } from "zod";
import { behindConsent } from "./consent.ts";

export class SumAgent extends McpAgent {
  server = new McpServer({ name: "sums", version: "1.0.0" });

  async init(): Promise<void> {
    this.server.registerTool(
      "sum",
      {
        description: "Returns the sum of two numbers.",
        inputSchema: { a: z.number(), b: z.number() },
        outputSchema: { sum: z.number() },
      },
      async ({ a, b }) => ({
        content: [{ type: "text", text: String(a + b) }],
        structuredContent: { sum: a + b },
      }),
    );
  }
}

export default behindConsent({
  path: "",
  handlers: { "/sse": SumAgent.serveSSE("/sse"), "/mcp": SumAgent.serve("/mcp") },
});
