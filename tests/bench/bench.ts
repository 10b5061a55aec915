/**
 * `npm run bench`: what a person waits for and what it costs, measured on a copy of this checkout.
 * Machines are noisy: compare the figures of one run only.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { projectRoot } from "../../infra/bundle.ts";
import { runProgram } from "../../scripts/dev/run-program.ts";
import { readStackConfig } from "../../scripts/dev/stack-config.ts";
import { Checkout, listDescendants, waitUntilReady } from "../support/checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

const rounds = 5;

const { values, ...config } = await readStackConfig(projectRoot, "dev");
const request = {
  ...config,
  values: { ...values, [`${config.project}:publicUrl`]: "http://localhost:8787" },
  keys: {},
};
const programs: number[] = [];
for (let round = 0; round < rounds; round++) {
  const started = performance.now();
  await runProgram(request);
  programs.push(performance.now() - started);
}
report("the program under mocks, with process start and bundle", programs, "ms");

await using checkout = await Checkout.make();
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
  const before = round === 0 ? "Remote MCP server" : `edit ${round}`;
  const after = `edit ${round + 1}`;
  const started = performance.now();
  await checkout.edit("worker/pages/home.tsx", before, after);
  while (!(await (await fetch(`${origin}/`)).text()).includes(after)) await wait(5);
  reloads.push(performance.now() - started);
}
report("edit to new answer", reloads, "ms");

const app = await OAuthApp.register(origin);
const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
const call = toToolCall("add", { a: 2, b: 3 });
const calls: number[] = [];
for (let round = 0; round < 200; round++) {
  const started = performance.now();
  await (await postMessage(`${origin}/mcp`, accessToken, call)).text();
  calls.push(performance.now() - started);
}
report("call of add", calls, "ms");
report("memory of the dev server with workerd", [await measureMemory(program.pid)], "MB");

/** Resident memory of a process and all below it, in megabytes. */
async function measureMemory(pid: number): Promise<number> {
  const pids = [pid, ...(await listDescendants(pid))].join(",");
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", pids]);
  return stdout
    .trim()
    .split(/\s+/)
    .reduce((sum, kilobytes) => sum + Number(kilobytes) / 1024, 0);
}

function report(name: string, figures: number[], unit: string): void {
  const sorted = figures.toSorted((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(1);
  console.log(`${name}: min ${at(0)}, median ${at(0.5)}, max ${at(1)} ${unit}`);
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
