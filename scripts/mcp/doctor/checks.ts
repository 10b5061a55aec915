import type { Check } from "./check.ts";
import { publicChecks } from "./public/index.ts";
import { signedInChecks } from "./signed-in/index.ts";

/** Every line of a report, in order: what anybody sees, then what somebody who signs in sees. */
export const checks: readonly Check[] = [...publicChecks, ...signedInChecks];
