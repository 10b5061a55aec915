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
          async (built, { load }) => {
            const { target, tokens } = await built.start();
            const times = await load.run("connect", { target, tokens, clients: 10 });
            return { wall: quantile(times, 0.5) };
          },
        ],
};
