import * as z from "zod";

/** What the stack says of tokens that people make for themselves. */
export const personalTokens = z.strictObject({
  /** Days that one may live. */
  mostDays: z.int().min(1),
  /** Days after a sign-in for which its organisations and groups count. */
  signInDays: z.int().min(1),
});
