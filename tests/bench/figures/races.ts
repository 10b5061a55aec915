import type { Figure } from "../figure.ts";

/** Pairs of requests. */
const times = 20;

/** What becomes of two token requests at once. Fast and wrong is not fast. */
export const races: Figure = {
  name: "races",
  title: `Two token requests at once, ${times} times`,
  metrics: {
    lost: { label: "one of two programs signed out", unit: "" },
    doubled: { label: "a code exchanged twice", unit: "" },
  },
  mostRounds: 1,
  plan: ({ login: way, resources }) =>
    way === undefined
      ? []
      : [
          async (built, { load }) => {
            const { target } = await built.start();
            const path = resources.mcp;
            return { ...(await load.run("race", { target, way, path, times })) };
          },
        ],
};
