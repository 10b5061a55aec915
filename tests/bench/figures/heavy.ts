import { mostElements, mostKeys } from "../../../worker/mcp/message-bounds.ts";
import { toToolCall } from "../../support/mcp-by-hand.ts";
import type { Figure } from "../figure.ts";
import { toRequest } from "../load/messages.ts";
import { quantile } from "../numbers.ts";

/** Heavy messages at once. */
const heavyAtOnce = 12;

const times = 20;

/** As many as the bounds let pass, less what the message itself has. */
const messages = {
  keys: Object.fromEntries(
    Array.from({ length: mostKeys - 20 }, (_, index) => [`key-${index}`, index]),
  ),
  elements: { values: Array.from({ length: mostElements - 20 }, (_, index) => index % 10) },
};

/** What the heaviest messages that are taken cost somebody else. */
export const heavy: Figure = {
  name: "heavy",
  title: `A call beside ${heavyAtOnce} heavy messages of another person`,
  metrics: {
    nothing: { label: "beside nothing: median", unit: "ms" },
    keys: { label: "beside messages of the most keys: median", unit: "ms" },
    elements: { label: "beside messages of the most elements: median", unit: "ms" },
  },
  mostRounds: 1,
  plan: ({ login }) =>
    login !== "pages"
      ? []
      : [
          async (built, { load }) => {
            const { target, tokens } = await built.start();
            const [sender = "", accessToken = ""] = tokens;
            const time = async (beside: object | undefined) => {
              const args = { a: 1, b: 2, heavy: beside };
              const sent = toRequest({ accessToken: sender }, toToolCall("sum", args));
              const job = { target, accessToken, heavy: sent, times };
              const atOnce = beside === undefined ? 0 : heavyAtOnce;
              return quantile(await load.run("callBeside", { ...job, heavyAtOnce: atOnce }), 0.5);
            };
            return {
              nothing: await time(undefined),
              keys: await time(messages.keys),
              elements: await time(messages.elements),
            };
          },
        ],
};
