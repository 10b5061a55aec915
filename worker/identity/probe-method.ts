/** The identity method of a probe's grant, which belongs to nobody: `worker/oauth/probe.ts` makes it. */
export const probeMethod = "probe";
