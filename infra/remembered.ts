import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "./refusal.ts";

/** A value that the stack remembers, and the rule by which it may change. */
export interface Remembered {
  readonly value: string | number;
  /** Why it may not go from the last value to this one; undefined where it may. */
  refuse(last: unknown, next: unknown): string | undefined;
}

/**
 * Remembers a value in the stack's state. Whatever depends on the result is touched only after the
 * rule allowed the change, in `pulumi preview` too. The engine calls the rule with what it has in
 * state, so a half-done `up` is remembered as well.
 */
export function remember(
  name: string,
  { value, refuse }: Remembered,
  parent: pulumi.Resource,
): pulumi.Resource {
  const rule = new pulumi.ResourceHook(
    `${name}-may-change`,
    ({ oldInputs, newInputs }) => {
      const problem = refuse(oldInputs?.input, newInputs?.input);
      if (problem !== undefined) throw new Refusal(problem);
    },
    { onDryRun: true },
  );
  return new pulumi.Stash(name, { input: value }, { parent, hooks: { beforeUpdate: [rule] } });
}
