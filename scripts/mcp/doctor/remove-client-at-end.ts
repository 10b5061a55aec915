import type { DeployedStack } from "../admin/stack.ts";
import type { Examination } from "./examination.ts";

/** The record of doctor's client goes at the end, with the account's token of its stack. */
export function removeClientAtEnd(
  stack: string | DeployedStack,
  { leave, learned }: Examination,
): void {
  leave.push(async () => {
    if (learned.client === undefined) return;
    // Loaded here: Pulumi's SDK and Cloudflare's take a second.
    const { removeClient } = await import("./remove-client.ts");
    await removeClient(stack, learned.client.clientId);
  });
}
