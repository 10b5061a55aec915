import * as pulumi from "@pulumi/pulumi";
import { awaitOutput } from "./await-output.ts";

/** What the last successful `up` of this stack left; empty before the first. */
export interface LastOutputs {
  readonly scriptName?: string;
  readonly kvNamespaceId?: string;
  readonly migrationTag?: string;
}

/** Reads the stack's own outputs, through a reference to itself. */
export async function readLastOutputs(): Promise<LastOutputs> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = new pulumi.StackReference("self", { name });
  return awaitOutput(outputs);
}
