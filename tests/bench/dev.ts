/**
 * `node tests/bench/dev.ts`: what a person waits for and what it costs, measured on a copy of this checkout.
 * Machines are noisy: compare the figures of one run only.
 */
import { projectRoot } from "../../infra/bundle.ts";
import { runProgram } from "../../scripts/dev/run-program.ts";
import { readStackConfig } from "../../scripts/dev/stack-config.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { measureMemory, report, wait } from "./figures.ts";

const rounds = 5;

const { values, ...config } = await readStackConfig(projectRoot, "dev");
const request = {
  ...config,
  values: { ...values, [`${config.project}:publicUrl`]: "http://localhost:8787" },
  program: fixtureProgram,
  keys: {},
};
const programs: number[] = [];
for (let round = 0; round < rounds; round++) {
  const started = performance.now();
  await runProgram(request);
  programs.push(performance.now() - started);
}
report("the program under mocks, with process start and bundle", programs, "ms");

await using checkout = await makeFixtureCheckout();
const starts: number[] = [];
for (let round = 0; round < rounds; round++) {
  const started = performance.now();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  await fetch(`${origin}/`);
  starts.push(performance.now() - started);
}
report("start to first answer (the first run fills caches)", starts, "ms");

await using program = checkout.start();
const origin = await waitUntilReady(program);
const reloads: number[] = [];
for (let round = 0; round < rounds; round++) {
  const before = `words="${round === 0 ? "Connect" : `edit ${round}`}"`;
  const after = `words="edit ${round + 1}"`;
  const started = performance.now();
  await checkout.edit("worker/pages/home.tsx", before, after);
  while (!(await (await fetch(`${origin}/`)).text()).includes(`>edit ${round + 1}<`)) await wait(5);
  reloads.push(performance.now() - started);
}
report("edit to new answer", reloads, "ms");

const app = await OAuthApp.register(origin);
const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
const call = toToolCall("sum", { a: 2, b: 3 });
const calls: number[] = [];
for (let round = 0; round < 200; round++) {
  const started = performance.now();
  await (await postMessage(`${origin}/mcp`, accessToken, call)).text();
  calls.push(performance.now() - started);
}
report("call of sum", calls, "ms");
report("memory of the dev server with workerd", [await measureMemory(program.pid)], "MB");
