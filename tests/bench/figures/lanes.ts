import type { Figure, Part } from "../figure.ts";
import { quantile } from "../numbers.ts";

const levels = [
  { inFlight: 1, calls: 150 },
  { inFlight: 16, calls: 300 },
] as const;

/** A client that can be asked gets a session here. `McpAgent` gives one to everybody. */
const asked = { elicitation: {} };

/** A call that any isolate may serve, and one that goes to the Durable Object of its session. */
export const lanes: Figure = {
  name: "lanes",
  title: "tools/call, stateless and in a session",
  metrics: Object.fromEntries(
    ["stateless", "session"].flatMap((lane) =>
      levels.flatMap(({ inFlight }) => [
        [`${lane}.${inFlight}.p50`, { label: `${lane}, ${inFlight} in flight: p50`, unit: "ms" }],
        [
          `${lane}.${inFlight}.cpu`,
          { label: `${lane}, ${inFlight} in flight: CPU a call`, unit: "ms" },
        ],
      ]),
    ),
  ),
  plan({ name, login, hasSessions, resources }) {
    if (login === undefined) return [];
    const canSession = hasSessions || resources.sse !== undefined;
    const parts = (lane: "stateless" | "session") => levels.map((level) => createPart(lane, level));
    return [
      ...(hasSessions || name === "floor" ? [] : parts("stateless")),
      ...(canSession ? parts("session") : []),
    ];
  },
};

function createPart(
  lane: "stateless" | "session",
  { inFlight, calls }: (typeof levels)[number],
): Part {
  return async (built, { load }) => {
    const { target, tokens } = await built.start();
    const hasSessions = lane === "session";
    const { times, cpu } = await load.run("call", {
      target,
      tokens,
      era: "legacy",
      inFlight,
      calls,
      hasSessions,
      capabilities: hasSessions ? asked : {},
    });
    return {
      [`${lane}.${inFlight}.p50`]: quantile(times, 0.5),
      [`${lane}.${inFlight}.cpu`]: cpu / times.length,
    };
  };
}
