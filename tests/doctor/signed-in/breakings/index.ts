import type { Breaking } from "./alter.ts";
import { audienceBreakings } from "./audience.ts";
import { callsBreakings } from "./calls.ts";
import { refreshBreakings } from "./refresh.ts";
import { revokeBreakings } from "./revoke.ts";
import { signInBreakings } from "./sign-in.ts";
import { sseBreakings } from "./sse.ts";

/** Each check of the list, in its order, with what breaks it, and it alone. */
export const breakings: Readonly<Record<string, readonly Breaking[]>> = {
  ...signInBreakings,
  ...callsBreakings,
  ...sseBreakings,
  ...audienceBreakings,
  ...refreshBreakings,
  ...revokeBreakings,
};
