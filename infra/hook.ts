import * as pulumi from "@pulumi/pulumi";
import { nameStack } from "./user-error.ts";

/** A hook that is called in a preview, too, and whose refusal names this stack in its commands. */
export function createHook(
  name: string,
  callback: (args: pulumi.ResourceHookArgs) => void | Promise<void>,
): pulumi.ResourceHook {
  const stack = pulumi.getStack();
  return new pulumi.ResourceHook(
    name,
    async (args) => {
      try {
        await callback(args);
      } catch (error) {
        throw nameStack(error, stack);
      }
    },
    { onDryRun: true },
  );
}
