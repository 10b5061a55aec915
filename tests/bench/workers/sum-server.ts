/** One tool on the official SDK: what everybody's server has in common in the benchmark. */
import { McpServer } from "@modelcontextprotocol/server";
import * as z from "zod";

const input = z.object({ a: z.number(), b: z.number() });
const output = z.object({ sum: z.number() });

/** A server for one request, as the SDK wants it. */
export function createSumServer(): McpServer {
  const server = new McpServer({ name: "sums", version: "1.0.0" });
  server.registerTool(
    "sum",
    {
      description: "Returns the sum of two numbers.",
      inputSchema: input,
      outputSchema: output,
    },
    ({ a, b }) => ({
      content: [{ type: "text", text: String(a + b) }],
      structuredContent: { sum: a + b },
    }),
  );
  return server;
}
