import type * as pulumi from "@pulumi/pulumi";

/**
 * The value of an output, for what needs it before anything is declared. Of a secret it is the value
 * in clear: it stays in memory. Never resolves if the value is unknown in a preview.
 */
export function awaitOutput<Value>(output: pulumi.Output<Value>): Promise<Value> {
  return new Promise<Value>((resolve) => {
    output.apply((value: Value) => resolve(value));
  });
}
