import type { Figure } from "../figure.ts";
import { quantile } from "../numbers.ts";

/** A client with a token that opens, lists the tools and calls one. */
export const connect: Figure = {
  name: "connect",
  title: "A new client to its first answer",
  metrics: { wall: { label: "four messages, one after the other", unit: "ms" } },
  plan: ({ name }) =>
    // The floor knows no messages.
    name === "floor"
      ? []
      : [
          async ({ target, tokens }, { load }) => ({
            wall: quantile(await load.run("connect", { target, tokens, times: 10 }), 0.5),
          }),
        ],
};
