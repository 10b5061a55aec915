import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crowdSettings } from "../load/support/crowd.ts";
import { findWorkerd, isFlat, isSettled, measure, measureHeap } from "../load/support/memory.ts";
import { keepFigures } from "../support/keep-figures.ts";
import { sample } from "../support/sample.ts";
import { startStackServer } from "../support/stack-server.ts";
import { httpCases, toDocument, toRequest } from "./fuzz/cases.ts";
import { findFailures } from "./fuzz/judge.ts";
import { record, redirectUri } from "./fuzz/record.ts";
import { batchSize, fuzz, tellRun, toFigures } from "./fuzz/run.ts";
import { flood } from "./fuzz/send.ts";
import type { SentRequest } from "./fuzz/sent.ts";

const file = "tests/abuse/fuzz.test.ts";

/** Megabytes by which workerd may grow in a sample, whose heap has no time to settle. */
const sampleGrowth = 384;

test("no request, however wrong, makes the Worker fail, hang, crash, grow or tell of itself", {
  timeout: sample(600_000, 7_200_000),
}, async () => {
  const documents = new Map<string, () => Response>();
  const probeSecret = "a-probe-secret-of-this-test-0123456789";
  await using server = await startStackServer({
    settings: { ...crowdSettings, registrationsPerDay: "1000000" },
    secrets: { probeSecret },
    outbound: (url) => documents.get(url)?.() ?? new Response("Nobody is here.", { status: 404 }),
    hasInspector: true,
  });
  const { origin, requests: log } = server;
  const inspector = await server.findInspector();
  await using recorded = await record(origin, probeSecret);
  expect(await recorded.tryTokens()).toEqual([200, 200]);
  const pids = await findWorkerd();
  const memory = [await measure(pids)];
  const heap = [await measureHeap(inspector)];
  const result = await fuzz({
    file,
    origin,
    inFlight: 16,
    count: sample(1_100, 40_000),
    cases: httpCases(true),
    toRequest(fuzzCase, number): SentRequest {
      if (fuzzCase.kind !== "document") return toRequest(fuzzCase, recorded.requests);
      const url = `https://app.example.com/${number}`;
      documents.set(url, () => toDocument(fuzzCase, url, redirectUri));
      return recorded.askWithDocument(url);
    },
    async onBatch() {
      memory.push(await measure(pids));
      heap.push(await measureHeap(inspector));
      const [cases, megabytes] = [(memory.length - 1) * batchSize, Math.round(memory.at(-1) ?? 0)];
      if (cases % 2_000 === 0)
        console.info(`The Worker: ${cases} cases, ${megabytes} MB of workerd`);
    },
  });
  tellRun("The Worker", result);
  await keepFigures("fuzz-worker", toFigures(result));
  expect(result.problems.join("\n\n")).toBe("");
  expect(findFailures(log).slice(0, 10)).toEqual([]);
  // A body without an end, to each of them.
  const floods = new Map(
    recorded.requests
      .filter(({ method }) => method !== "GET" && method !== "HEAD")
      .map((request) => [request.path.replace(/\?.*/, ""), request] as const),
  );
  for (const request of floods.values()) expect(await flood(origin, request)).toBeUndefined();
  // Otherwise most of it was sent with nothing but a bad token.
  expect(await recorded.tryTokens()).toEqual([200, 200]);
  // It is the same process, and it still answers.
  expect(await findWorkerd()).toEqual(pids);
  expect((await fetch(origin)).status).toBe(200);
  const [first = 0] = memory;
  if (memory.length >= 12) {
    expect(isFlat(heap.slice(heap.length / 4)), heap.join(" ")).toBe(true);
    expect(isSettled(memory), memory.join(" ")).toBe(true);
  } else expect(Math.max(...memory) - first, memory.join(" ")).toBeLessThan(sampleGrowth);
  // Everything was tried, unless one case is looked at.
  if (process.env.FUZZ_CASE !== undefined) return;
  const names = new Set(recorded.requests.map(({ name }) => name));
  expect([...names].filter((name) => !result.endpoints.has(name))).toEqual([]);
  for (const status of [200, 400, 401, 404, 405])
    expect(result.statuses[status]).toBeGreaterThan(0);
});

/** A server that does well but for one thing, and what must be said of it. */
const faultyServers: Readonly<Record<string, readonly [RequestListener, RegExp]>> = {
  "throws for one value": [
    (request, response) => {
      response.statusCode = request.url?.includes("%") ? 500 : 200;
      response.end("ok");
    },
    /answers 500/,
  ],
  "shows a stack": [
    (_request, response) => void response.end(new TypeError("a is undefined").stack),
    /tells of itself/,
  ],
  "shows where it lies": [
    (_request, response) => void response.end("ENOENT: no such file, open '/home/ada/x.json'"),
    /tells of itself/,
  ],
  "hangs for one method": [
    (request, response) => void (request.method === "GET" ? response.end("ok") : undefined),
    /hangs/,
  ],
  "ends the connection": [
    (request, response) =>
      void (request.headers.accept === undefined ? request.socket.destroy() : response.end()),
    /ends the connection/,
  ],
  "says too much": [(_request, response) => void response.end("x".repeat(300_000)), /300000 bytes/],
};

test.each(Object.entries(faultyServers))(
  "a server that %s is found out",
  async (_what, [listener, problem]) => {
    const server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      const request = { name: "/", path: "/a?b=c", headers: { accept: "*/*" }, method: "GET" };
      const { problems } = await fuzz({
        ...{ file, origin: `http://localhost:${port}`, inFlight: 8, patience: 2_000 },
        count: 120,
        cases: httpCases(false),
        toRequest: (fuzzCase) => {
          if (fuzzCase.kind === "document") throw new Error("There are none.");
          return toRequest(fuzzCase, [request, { ...request, headers: {} }]);
        },
      });
      expect(problems.join("\n")).toMatch(problem);
      expect(problems.join("\n")).toMatch(/Again: FUZZ_SEED=\d+ FUZZ_CASE=\d+ npm run/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);

test("a server that reads a body without a limit is found out, and one that stops is not", async () => {
  let isBounded = false;
  const server = createServer((request, response) => {
    let taken = 0;
    request.on("data", (chunk: Buffer) => {
      taken += chunk.length;
      if (isBounded && taken > 1_048_576 && !response.headersSent) response.writeHead(413).end();
    });
    request.on("end", () => response.end());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const request = { method: "POST", path: "/", headers: {} };
  expect(await flood(`http://localhost:${port}`, request)).toMatch(/reads \d+ bytes/);
  isBounded = true;
  expect(await flood(`http://localhost:${port}`, request)).toBeUndefined();
  server.closeAllConnections();
  server.close();
});

test("a well-behaved server has no problem, and a failure in a log is found", async () => {
  const server = createServer((_request, response) => void response.end("ok")).listen(
    0,
    "127.0.0.1",
  );
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const request = { name: "/", path: "/a?b=c", headers: {}, method: "GET" };
  const { problems, cases } = await fuzz({
    ...{ file, origin: `http://localhost:${port}`, inFlight: 8 },
    count: 60,
    cases: fc.constant(request),
    toRequest: (given) => given,
  });
  server.closeAllConnections();
  server.close();
  expect({ problems, cases }).toEqual({ problems: [], cases: 60 });
  expect(
    findFailures(['{"event":"request","status":200}', '{"event":"failure","error":"x"}']),
  ).toHaveLength(1);
  expect(findFailures(["Uncaught Error: x"])).toHaveLength(1);
});
