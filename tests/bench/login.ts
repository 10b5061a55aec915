/**
 * What a login and a call cost in Workers KV, how long a login takes, and what becomes of two token
 * requests at once: this server beside the plain OAuth library with the simplest consent.
 */
import { join } from "node:path";
import { bundleWorker } from "../../infra/bundle.ts";
import { startOpenIdStack } from "../identity/openid-stack.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import {
  type StackServer,
  type StackServerOptions,
  startStackServer,
} from "../support/stack-server.ts";
import budgets from "./budgets.json" with { type: "json" };
import { report } from "./figures.ts";

const rounds = 20;

const ownName = "this server";

type Approve = (url: URL) => Promise<URL>;

/** Puts another Worker in the dev stack's environment. */
function put(entryPoint: string): NonNullable<StackServerOptions["change"]> {
  return async (spec, folder) => {
    const { code } = await bundleWorker({ entryPoint, file: join(folder, "bench.js") });
    return { ...spec, modules: spec.modules.map((module) => ({ ...module, contents: code })) };
  };
}

/** The product's Worker, which counts what it asks of KV. */
const countingWorker = put("tests/support/worker/counting-worker.ts");

async function readCounts(origin: string): Promise<{ reads: number; writes: number }> {
  return (await (await fetch(`${origin}/kv-counts`)).json()) as { reads: number; writes: number };
}

async function measure(name: string, { origin }: StackServer, approve: Approve): Promise<number> {
  const logIn = async () => {
    const app = await OAuthApp.register(origin);
    const authorization = app.begin();
    const code = readCode(await approve(authorization.url));
    const { body } = await app.redeem(code, authorization);
    return { app, accessToken: body.access_token ?? "", refreshToken: body.refresh_token ?? "" };
  };
  await readCounts(origin);
  const { accessToken } = await logIn();
  const { writes } = await readCounts(origin);
  console.log(`${name}: ${writes} KV writes a login`);
  if (writes > budgets.login.kvWrites) process.exitCode = 1;
  // The bundle leaves out what serves a call in the plain library; it reads KV once at each.
  if (name === ownName) {
    for (const [state, budget] of Object.entries(budgets.login.kvReadsOfCall)) {
      const sum = toToolCall("sum", { a: 2, b: 3 });
      const call = await postMessage(`${origin}/mcp`, accessToken, sum);
      if (!call.ok) throw new Error(`A call was answered ${call.status}: ${await call.text()}`);
      const { reads } = await readCounts(origin);
      console.log(`${name}: ${reads} KV reads a ${state} call`);
      if (reads !== budget) process.exitCode = 1;
    }
  }

  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const started = performance.now();
    await logIn();
    times.push(performance.now() - started);
  }
  report(`${name}: a login`, times, "ms");

  let lost = 0;
  let doubled = 0;
  for (let round = 0; round < rounds; round++) {
    const { app, refreshToken } = await logIn();
    const pair = await Promise.all([app.refresh(refreshToken), app.refresh(refreshToken)]);
    const next: number[] = [];
    for (const { body } of pair) next.push((await app.refresh(body.refresh_token ?? "")).status);
    if (next.some((status) => status !== 200)) lost += 1;
    const other = app.begin();
    const code = readCode(await approve(other.url));
    const paid = await Promise.all([app.redeem(code, other), app.redeem(code, other)]);
    if (paid.filter(({ status }) => status === 200).length > 1) doubled += 1;
  }
  console.log(
    `${name}: two refreshes at once lost ${lost} of ${rounds}, a code sent twice was paid twice ${doubled} of ${rounds}`,
  );
  if (name === ownName && lost + doubled > 0) process.exitCode = 1;
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

await using own = await startStackServer({ change: countingWorker });
const person = new Person("ada@example.com");
const ours = await measure(ownName, own, (url) => person.authorize(url));

await using elsewhere = await startOpenIdStack({}, { change: countingWorker });
await readCounts(elsewhere.server.origin);
await elsewhere.logIn("ada");
const upstream = await readCounts(elsewhere.server.origin);
console.log(`${ownName}, over an OpenID provider: ${upstream.writes} KV writes a login`);
if (upstream.writes > budgets.login.kvWrites) process.exitCode = 1;

await using plain = await startStackServer({
  change: put("tests/support/worker/plain-library.ts"),
});
const theirs = await measure("plain library", plain, async (url) => {
  const answer = await fetch(url, { redirect: "manual" });
  return new URL(answer.headers.get("location") ?? "");
});
console.log(
  `a login, sign-in and consent pages included: ${(ours / theirs).toFixed(1)} times the plain library's`,
);
