/** Replaces what a page says about companies that decide for their people. */
import type * as real from "../oauth/company/blocked.ts";

export const showBlocked: typeof real.showBlocked = async () => undefined;
export const allowAgain: typeof real.allowAgain = async () => undefined;
