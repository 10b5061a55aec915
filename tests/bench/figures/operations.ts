import type { Metric } from "../../../scripts/docs/performance/measured.ts";
import { listTools } from "../../support/mcp-by-hand.ts";
import type { Contestant } from "../contestants.ts";
import { countWorker } from "../counted-worker.ts";
import type { Bench, Built, Figure, Sample } from "../figure.ts";
import type { Target } from "../load/http.ts";
import { type ClientParts, sumCall, toRequest } from "../load/messages.ts";
import { startServer } from "../server.ts";
import { type Counts, countsPath } from "../workers/counted.ts";

/** What is counted of each operation. */
const kinds = {
  kvReads: "KV reads",
  kvWrites: "KV writes",
  objectRequests: "requests to Durable Objects",
} as const satisfies Record<keyof Counts, string>;

const operations = {
  login: "a login",
  first: "first call with a token",
  warm: "call, warm",
  open: "a new client to its first answer",
  refresh: "a refresh",
} as const;

/** What each operation asks of what Cloudflare bills by the request. */
export const operationCounts: Figure = {
  name: "operations",
  title: "What an operation asks of storage",
  metrics: Object.fromEntries(
    Object.entries(operations).flatMap(([operation, label]) =>
      Object.entries(kinds).map(([kind, words]): [string, Metric] => [
        `${operation}.${kind}`,
        { label: `${label}: ${words}`, unit: "" },
      ]),
    ),
  ),
  mostRounds: 1,
  plan: (contestant) => [(built, bench) => count(contestant, built, bench)],
};

async function count(
  contestant: Contestant,
  { spec }: Built,
  { load, folder }: Bench,
): Promise<Sample> {
  const counting = await countWorker(contestant, spec, folder);
  await using server = await startServer(counting);
  const { target } = server;
  const { login: way, resources, hasSessions } = contestant;
  const sample: Record<string, number> = {};
  const keep = async (operation: keyof typeof operations) => {
    const counts = await readCounts(target);
    for (const [kind, value] of Object.entries(counts)) sample[`${operation}.${kind}`] = value;
  };
  const readCounts = async (asked: Target): Promise<Counts> => {
    const { text } = await load.run("askOnce", { target: asked, sent: { path: countsPath } });
    return JSON.parse(text) as Counts;
  };
  const ask = async (client: ClientParts, message: object) => {
    const answer = await load.run("askOnce", { target, sent: toRequest(client, message) });
    if (answer.status > 299) throw new Error(`${answer.status}: ${answer.text}`);
  };
  const logIn = async () => {
    if (way === undefined) return undefined;
    const job = { target, way, path: resources.mcp, times: 1 };
    return (await load.run("logIn", job)).logins[0];
  };
  const call = async (token: string | undefined, isWarm: boolean) => {
    const client = token === undefined ? {} : { accessToken: token };
    const opened = hasSessions ? await load.run("open", { target, client }) : client;
    if (isWarm) await ask(opened, sumCall);
    await readCounts(target);
    await ask(opened, sumCall);
  };
  // The first requests of an isolate may read what later ones remember.
  await logIn();
  await readCounts(target);
  const login = await logIn();
  if (login !== undefined) await keep("login");
  const accessToken = login?.accessToken;
  await call(accessToken, false);
  await keep("first");
  await call(accessToken, true);
  await keep("warm");
  if (contestant.name !== "floor") {
    const other = (await logIn())?.accessToken;
    await readCounts(target);
    const client = await load.run("open", {
      target,
      client: other === undefined ? {} : { accessToken: other },
    });
    await ask(client, listTools);
    await ask(client, sumCall);
    await keep("open");
  }
  if (login !== undefined) {
    await readCounts(target);
    await load.run("refresh", { target, login });
    await keep("refresh");
  }
  return sample;
}
