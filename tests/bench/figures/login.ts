import type { Figure } from "../figure.ts";
import { quantile } from "../numbers.ts";

const times = 4;

/** A person who signs in with a new client. */
export const login: Figure = {
  name: "login",
  title: "A login",
  metrics: {
    wall: { label: "from registration to tokens", unit: "ms" },
    server: { label: "the server's part, all its answers", unit: "ms" },
    requests: { label: "requests, pages included", unit: "" },
    cpu: { label: "CPU", unit: "ms" },
  },
  plan: ({ login: way, resources }) =>
    way === undefined
      ? []
      : [
          async (built, { load }) => {
            const { target } = await built.start();
            const job = { target, way, path: resources.mcp, times };
            const { logins, cpu } = await load.run("logIn", job);
            const median = (key: "wall" | "server" | "requests") =>
              quantile(
                logins.map((each) => each[key]),
                0.5,
              );
            return {
              wall: median("wall"),
              server: median("server"),
              requests: median("requests"),
              cpu: cpu / times,
            };
          },
        ],
};
