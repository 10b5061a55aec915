import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";

const lastOutputs = z.object({
  scriptName: z.string().optional(),
  kvNamespaceId: z.string().optional(),
  migrationTag: z.string().optional(),
});

/** Outputs of this stack's last successful `up`; empty before the first. */
export type LastOutputs = z.infer<typeof lastOutputs>;

/** How the engine is asked for the outputs of a stack; `StackReference` asks so, too. */
export const outputsInvoke = "pulumi:pulumi:readStackOutputs";

/**
 * Reads the stack's own outputs. Not by a `StackReference` to itself: that one is kept in the state with the
 * outputs from before the run, and `pulumi refresh` finds it changed after every `up` that changed an output.
 */
export async function readLastOutputs(): Promise<LastOutputs> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = await pulumi.runtime.invoke(outputsInvoke, { name });
  return lastOutputs.parse(outputs ?? {});
}
