import { env } from "cloudflare:workers";
import type { Conditions } from "../../simulation/protocol.ts";

/** What holds now. */
let conditions = (env as unknown as { readonly SIMULATION: Conditions }).SIMULATION;

export function readConditions(): Conditions {
  return conditions;
}

export function setConditions(changed: Partial<Conditions>): void {
  conditions = { ...conditions, ...changed };
}
