import type { Metric } from "../../../scripts/docs/performance/measured.ts";
import type { Contestant } from "../contestants.ts";
import type { Bench, Built, Figure, Sample } from "../figure.ts";
import { createSeeder, type FilledServer, startFilled } from "../filled-server.ts";
import { growthExponent, quantile, shuffle } from "../numbers.ts";

/** How much there is: grants and clients of other people, and values of one person. */
const sizes = [10, 100, 1000, 10_000] as const;

/** Times that each operation is measured at each size, and requests of a time. */
const rounds = 3;
const times = 20;
const logins = 4;

const operations = {
  call: "call, by grants and clients",
  login: "login, by grants and clients",
  connections: "/connections, by grants and clients",
  put: "keep a value, by values",
  get: "a value by its name, by values",
  page: "the first 50 values, by values",
  last: "the last value, by its prefix, by values",
} as const;

type Operation = keyof typeof operations;

/** What becomes of times where there is much: each operation at each size, and the exponent. */
export const growth: Figure = {
  name: "growth",
  title: "Growth from 10 to 10,000",
  metrics: Object.fromEntries(
    Object.entries(operations).flatMap(([operation, label]) => [
      ...sizes.map((size): [string, Metric] => [
        `${operation}.${size}`,
        { label: `${label}: ${size.toLocaleString("en-US")}`, unit: "ms" },
      ]),
      [`${operation}.exponent`, { label: `${label}: exponent`, unit: "" }],
    ]),
  ),
  mostRounds: 1,
  plan: (contestant) =>
    contestant.login !== "pages" ? [] : [(built, bench) => measure(contestant, built, bench)],
};

/** Milliseconds of an operation in a server with so much in it. */
const ways: Readonly<Record<Operation, (server: FilledServer) => Promise<number[]>>> = {
  call: (server) => server.call("sum", { a: 2, b: 3 }, "structuredContent", times),
  login: async (server) => (await server.logIn(logins)).map(({ server: part }) => part),
  connections: (server) => server.showConnections(times),
  put: (server) => server.call("put", { name: toName(1), value: "another" }, "replaced", times),
  get: (server) => server.call("get", { name: toName(server.size / 2) }, "The value", times),
  page: (server) => server.call("get", { limit: 50 }, toName(0), times),
  last: (server) => server.call("get", { prefix: toName(server.size - 1) }, "The value", times),
};

/** A server for each size, so that sizes come in random order, as contestants do. */
async function measure(
  contestant: Contestant,
  { spec }: Built,
  { load, folder }: Bench,
): Promise<Sample> {
  const seeder = await createSeeder(spec, folder);
  await using started = new AsyncDisposableStack();
  const servers: FilledServer[] = [];
  for (const size of sizes) {
    servers.push(started.use(await startFilled(size, { contestant, spec, seeder, load })));
  }
  const measured = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [operation, time] of shuffle(Object.entries(ways))) {
      for (const server of shuffle(servers)) {
        const key = `${operation}.${server.size}`;
        measured.set(key, [...(measured.get(key) ?? []), ...(await time(server))]);
      }
    }
  }
  const sample: Record<string, number> = {};
  for (const [key, all] of measured) sample[key] = quantile(all, 0.5);
  for (const operation of Object.keys(operations)) {
    const points = sizes.map((size) => [size, sample[`${operation}.${size}`] ?? 0] as const);
    sample[`${operation}.exponent`] = growthExponent(points);
  }
  return sample;
}

/** Name of a value, as the seeder gives it. */
function toName(number: number): string {
  return `value-${String(number).padStart(5, "0")}`;
}
