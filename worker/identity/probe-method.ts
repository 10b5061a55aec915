/** The method of a probe's grant, behind which stands nobody: `worker/oauth/probe.ts` makes it. */
export const probeMethod = "probe";
