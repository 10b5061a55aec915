import type { Figure } from "../figure.ts";
import { sumCall, toRequest } from "../load/messages.ts";
import { readCpu } from "../process-use.ts";
import { startServer } from "../server.ts";

/** What a new isolate costs before it has answered once. The floor's is workerd's own start. */
export const start: Figure = {
  name: "start",
  title: "A new isolate to its first answer",
  metrics: {
    wall: { label: "start of workerd, and one request", unit: "ms" },
    cpu: { label: "CPU of it", unit: "ms" },
  },
  plan: () => [
    async ({ spec }, { load }) => {
      const begun = performance.now();
      await using server = await startServer(spec);
      const { target } = server;
      // Whatever it answers: most want a token, and refuse with all that they have loaded.
      const { status, text } = await load.run("askOnce", { target, sent: toRequest({}, sumCall) });
      const wall = performance.now() - begun;
      if (status > 499) throw new Error(`The first answer was ${status}: ${text}`);
      return { wall, cpu: readCpu(target.pid) };
    },
  ],
};
