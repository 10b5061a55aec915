import * as z from "zod";

/** What is kept while the person is at the other server: encrypted, for one use, for one browser. */
export const upstreamVisit = z.object({
  /** Page of ours that the person came from, and continues at. */
  returnTo: z.string(),
  /** Whether a client asked; otherwise the person wants to see `returnTo`. */
  isForClient: z.boolean(),
  /** Id of the person who said yes, if they were signed in then: nobody else may come back. */
  userId: z.string().optional(),
  /** The identity method's own data. */
  method: z.unknown(),
});

export type UpstreamVisit = z.infer<typeof upstreamVisit>;
