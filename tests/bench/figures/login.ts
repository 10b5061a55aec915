import type { Figure } from "../figure.ts";
import type { TimedLogin } from "../load/logins.ts";
import { quantile } from "../numbers.ts";

const times = 4;

/** A person who signs in with a new client. */
export const login: Figure = {
  name: "login",
  title: "A login",
  metrics: {
    wall: { label: "from registration to tokens", unit: "ms" },
    server: { label: "the server's part, all its answers", unit: "ms" },
    register: { label: "of it, registration", unit: "ms" },
    authorize: { label: "of it, authorization with every page", unit: "ms" },
    token: { label: "of it, exchange of the code", unit: "ms" },
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
            const median = (pick: (login: TimedLogin) => number) => quantile(logins.map(pick), 0.5);
            const medianOf = (wanted: string) => median(({ paths }) => paths[wanted] ?? 0);
            return {
              wall: median(({ wall }) => wall),
              server: median(({ server }) => server),
              register: medianOf("/register"),
              authorize: medianOf("/authorize"),
              token: medianOf("/token"),
              requests: median(({ requests }) => requests),
              cpu: cpu / times,
            };
          },
        ],
};
