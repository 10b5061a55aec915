/** Collections of a person's storage, as the tools and resources of this server name them. */
export const collections = {
  /** What `remember` keeps. */
  values: "values",
  /** What was calculated, oldest first. */
  history: "history",
} as const;

/** Calculations that are kept for a person. */
export const historyLimit = 100;
