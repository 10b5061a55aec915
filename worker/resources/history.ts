import { defineResource } from "../kit/index.ts";
import { collections, historyLimit } from "../tools/collections.ts";
import { readCalculation } from "../tools/read-calculation.ts";

/** The person's own calculations. It changes with each of them. */
export default defineResource({
  name: "history",
  title: "Your calculations",
  description: `What calculate evaluated for this person, newest first, ${historyLimit} at most. Subscribe to learn of new ones.`,
  uri: "math://history",
  changesWith: collections.history,
  mimeType: "application/json",
  scope: "memory:read",
  cacheHint: { ttlMs: 0, cacheScope: "private" },
  async read({ state }) {
    const options = { limit: historyLimit, isReversed: true };
    const { entries } = await state.list(collections.history, options);
    return { text: JSON.stringify(entries.map(readCalculation)) };
  },
});
