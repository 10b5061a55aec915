import * as z from "zod";
import { InspectorSession } from "../../support/inspector-session.ts";
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
    held: { label: "what the Worker holds, after the collector", unit: "MB" },
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
            const before = await measureHeld(inspector);
            const growth = await load.run("crowd", { target, tokens, clients });
            // Less than before: the clients left nothing, and the collector found something older.
            return { held: Math.max(0, (await measureHeld(inspector)) - before), growth };
          },
        ],
};

const heapUsage = z.object({ usedSize: z.number(), backingStorageSize: z.number() });

/**
 * Megabytes that a Worker and its objects hold, on the JavaScript heap and in buffers, which is what counts at
 * Cloudflare. The process has more: what the collector has not taken yet, workerd's own, and the products that stand
 * in for Cloudflare's.
 */
async function measureHeld(inspector: URL): Promise<number> {
  using session = await InspectorSession.connect(inspector);
  // Before a snapshot the collector takes all that nobody holds. workerd never answers `collectGarbage`.
  await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
  const usage = heapUsage.parse(await session.send("Runtime.getHeapUsage"));
  return (usage.usedSize + usage.backingStorageSize) / 2 ** 20;
}
