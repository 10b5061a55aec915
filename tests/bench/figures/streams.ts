import type { Contestant } from "../contestants.ts";
import type { Figure } from "../figure.ts";
import type { Target } from "../load/http.ts";
import type { Load } from "../load/load.ts";
import { quantile } from "../numbers.ts";
import { startServer } from "../server.ts";

/** Streams that are open at once, and people that they are of. */
const open = 200;
const people = 10;

/** HTTP+SSE, the transport of 2024, which old configurations of clients still name. */
export const streams: Figure = {
  name: "streams",
  title: "/sse, the transport of 2024",
  metrics: {
    roundTrip: { label: "call and answer over one stream: p50", unit: "ms" },
    open: { label: `${open} streams, opened`, unit: "ms" },
    memory: { label: `memory of ${open} open streams`, unit: "MB" },
    silence: { label: `CPU of ${open} silent streams in a second`, unit: "ms" },
    besides: { label: `call and answer, ${open} streams open: p50`, unit: "ms" },
  },
  // Each takes long, and the streams' own spread is small.
  mostRounds: 3,
  plan: (contestant) =>
    contestant.resources.sse === undefined
      ? []
      : [
          async ({ spec }, { load }) => {
            // A process of its own: streams that have ended leave things behind.
            await using server = await startServer(spec);
            const { target } = server;
            const tokens = await logInForStreams(contestant, target, load);
            const [accessToken = ""] = tokens;
            const times = await load.run("callOverStream", { target, accessToken, calls: 200 });
            const held = await load.run("holdStreams", { target, tokens, streams: open });
            return {
              roundTrip: quantile(times.slice(times.length / 2), 0.5),
              open: held.wall,
              memory: held.growth,
              silence: held.silence,
              besides: quantile(held.times, 0.5),
            };
          },
        ],
};

async function logInForStreams(
  { login: way, resources }: Contestant,
  target: Target,
  load: Load,
): Promise<string[]> {
  if (way === undefined || resources.sse === undefined) return [];
  const job = { target, way, path: resources.sse, times: people };
  return (await load.run("logIn", job)).logins.map(({ accessToken }) => accessToken);
}
