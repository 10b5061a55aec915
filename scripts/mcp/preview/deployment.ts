import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";

/** What a deployed preview says of itself: the program's outputs, without its secret ones. */
const deployment = z.object({
  url: z.string(),
  mcpUrl: z.string(),
  sseUrl: z.string(),
  scriptName: z.string(),
  bundle: z.object({ bytes: z.number(), gzipBytes: z.number(), sha256: z.string() }),
  /** A stack that was deployed before this output was one has none. */
  tools: z.array(z.string()).optional(),
  claudeDesktopConfig: z.record(z.string(), z.unknown()),
});

/** What a deployed preview says of itself, without secrets. */
export type Deployment = z.infer<typeof deployment>;

/** Reads a stack's outputs; undefined before the first `up` that ended well. */
export function readDeployment(outputs: OutputMap): Deployment | undefined {
  const values = Object.entries(outputs).map(([name, { value }]): [string, unknown] => [
    name,
    value,
  ]);
  const result = deployment.safeParse(Object.fromEntries(values));
  return result.success ? result.data : undefined;
}
