import { measureHeap } from "../../load/support/memory.ts";
import type { Figure } from "../figure.ts";
import { startServer } from "../server.ts";

const clients = 1000;

/** People that these clients belong to: one has several programs, and a login takes its time. */
const people = 50;

/** What clients cost that came once, in a process of their own. */
export const memory: Figure = {
  name: "memory",
  title: "Memory of 1,000 clients",
  metrics: {
    heap: { label: "on the Worker's heap, after the collector", unit: "MB" },
    growth: { label: "resident, with workerd's own and the stand-ins", unit: "MB" },
  },
  mostRounds: 2,
  plan: ({ name, login: way, resources }) =>
    name === "floor"
      ? []
      : [
          async ({ spec }, { load }) => {
            await using server = await startServer(spec, { hasInspector: true });
            const { target } = server;
            const logIn = async (times: number) => {
              if (way === undefined) return [];
              const job = { target, way, path: resources.mcp, times };
              return (await load.run("logIn", job)).logins.map(({ accessToken }) => accessToken);
            };
            const tokens = await logIn(people);
            // What an isolate takes once is not what a client costs.
            await load.run("crowd", { target, tokens, clients: clients / 5 });
            const inspector = await server.runtime.findInspector();
            const before = await measureHeap(inspector, true);
            const growth = await load.run("crowd", { target, tokens, clients });
            return { heap: (await measureHeap(inspector, true)) - before, growth };
          },
        ],
};
