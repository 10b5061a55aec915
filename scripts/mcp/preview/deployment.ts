import type { OutputMap } from "@pulumi/pulumi/automation/index.js";
import * as z from "zod";
import { Properties } from "../stack/properties.ts";
import type { StateResource } from "../stack/state.ts";

/** What a deployed preview says of itself: the program's outputs, without its secret ones. */
const deployment = z.object({
  url: z.string(),
  mcpUrl: z.string(),
  sseUrl: z.string(),
  scriptName: z.string(),
  kvNamespaceId: z.string(),
  bundle: z.object({ bytes: z.number(), gzipBytes: z.number(), sha256: z.string() }),
  /** A stack that was deployed before this output was one has none. */
  tools: z.array(z.string()).optional(),
  claudeDesktopConfig: z.record(z.string(), z.unknown()),
});

/** What a deployed preview says of itself, without secrets. */
export type Deployment = z.infer<typeof deployment>;

/** Reads what an `up` has left. @throws ZodError for outputs that are not this program's. */
export function readDeployment(outputs: OutputMap): Deployment {
  const values = Object.entries(outputs).map(([name, { value }]): [string, unknown] => [
    name,
    value,
  ]);
  return deployment.parse(Object.fromEntries(values));
}

/** The same from a stack's state; undefined before the first `up` that ended well. */
export function findDeployment(resources: readonly StateResource[]): Deployment | undefined {
  const stack = resources.find(({ type }) => type === "pulumi:pulumi:Stack");
  const outputs = new Properties(stack?.outputs);
  const values = Object.entries<z.ZodType>(deployment.shape).map(([name, schema]) => [
    name,
    outputs.find(name, schema),
  ]);
  return deployment.safeParse(Object.fromEntries(values)).data;
}
