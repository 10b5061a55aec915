import * as z from "zod";

/** The stack's settings for tokens that people make for themselves. */
export const personalTokens = z.strictObject({
  /** The most days that one may live. */
  mostDays: z.int().min(1),
  /** Days after a sign-in for which its organisations and groups count. */
  signInDays: z.int().min(1),
});
