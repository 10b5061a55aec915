import type { Figure } from "../figure.ts";
import { startServer } from "../server.ts";

/** Clients that are measured. */
const clients = 1000;

/** Clients before them, and how often each calls: until garbage goes as fast as it comes, and code is compiled. */
const earlier = { clients: 500, calls: 20 } as const;

/** People that these clients belong to: one has several programs, and a login takes its time. */
const people = 50;

/**
 * Has V8 collect garbage from the first megabytes on. By itself it lets a heap grow to some hundred megabytes before
 * it looks for old garbage, and what thousands of clients have left would count, though the next ones use it again.
 */
const collectEarly = [
  "--initial-old-space-size=8",
  "--heap-growing-percent=20",
  "--max-semi-space-size=2",
] as const;

/** What each further client costs a server that has run for a while. */
export const memory: Figure = {
  name: "memory",
  title: "Memory of 1,000 further clients",
  metrics: {
    growth: { label: "resident at most, with workerd's own and the stand-ins", unit: "MB" },
  },
  // A round takes McpAgent a minute.
  mostRounds: 2,
  plan: ({ name, login: way, resources }) =>
    // The floor knows no messages.
    name === "floor"
      ? []
      : [
          async ({ spec }, { load }) => {
            // A process of its own: clients leave things behind.
            await using server = await startServer(spec, { v8Flags: collectEarly });
            const { target } = server;
            const job = { target, path: resources.mcp, times: people };
            const signedIn =
              way === undefined ? [] : (await load.run("logIn", { ...job, way })).logins;
            const tokens = signedIn.map(({ accessToken }) => accessToken);
            await load.run("crowd", { target, tokens, ...earlier });
            return { growth: await load.run("crowd", { target, tokens, clients, calls: 1 }) };
          },
        ],
};
