import { spawnSync } from "node:child_process";
import { mkdir, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { test as base, expect } from "vitest";
import { isAlive, listDescendants, waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import type { Program } from "../support/program.ts";

/** One checkout for all that looks at a server, or at one that does not start. */
const test = base
  .extend(
    "checkout",
    { scope: "file" },
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
    async ({}, { onCleanup }) => {
      const checkout = await makeFixtureCheckout();
      onCleanup(() => checkout[Symbol.asyncDispose]());
      // As a dev server of before left it.
      await mkdir(checkout.path(".dev/data/dev"), { recursive: true, mode: 0o755 });
      return checkout;
    },
  )
  .extend("server", { scope: "file" }, async ({ checkout }, { onCleanup }) => {
    const program = checkout.serve();
    onCleanup(() => program[Symbol.asyncDispose]());
    return { program, origin: await waitUntilReady(program) };
  });

/** The command lines of what a server has started and what that has. */
async function describeDescendants(pid: number): Promise<string> {
  const pids = (await listDescendants(pid)).join();
  return spawnSync("ps", ["-ww", "-p", pids, "-o", "args="], { encoding: "utf8" }).stdout;
}

/** Ends a server as a terminal or a system does, and looks that nothing it started is left. */
async function endWith(program: Program, signal: NodeJS.Signals): Promise<void> {
  const descendants = await listDescendants(program.pid);
  expect(descendants.length).toBeGreaterThan(0);
  program.signal(signal);
  await program.end();
  await expect.poll(() => descendants.filter(isAlive), { message: signal }).toEqual([]);
}

test("data and keys survive a restart, and --fresh removes them but not the local secrets; no signal leaves a process behind", async () => {
  await using checkout = await makeFixtureCheckout();
  await mkdir(checkout.path(".dev"));
  await checkout.write(".dev/secrets.yaml", "githubClientSecret: kept\n");
  const listTools = async (origin: string, token: string) =>
    (await postMessage(`${origin}/mcp`, token)).status;

  const first = checkout.start();
  const origin = await waitUntilReady(first);
  expect(await describeDescendants(first.pid)).toContain("typescript");
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
  await endWith(first, "SIGINT");
  expect((await stat(checkout.path(".dev/keys.json"))).mode & 0o777).toBe(0o600);
  const keys = await checkout.read(".dev/keys.json");

  const port = new URL(origin).port;
  const second = checkout.start("--port", port);
  await waitUntilReady(second);
  expect(await listTools(origin, accessToken)).toBe(200);
  expect(await checkout.read(".dev/keys.json")).toBe(keys);
  await endWith(second, "SIGTERM");

  await using third = checkout.start("--port", port, "--fresh");
  await waitUntilReady(third);
  expect(await listTools(origin, accessToken)).toBe(401);
  expect(await checkout.read(".dev/keys.json")).not.toBe(keys);
  expect(await checkout.read(".dev/secrets.yaml")).toBe("githubClientSecret: kept\n");
  // No key is ever printed, not even with everything the Worker says.
  for (const key of Object.values<string>(JSON.parse(keys).dev)) {
    expect(third.printed).not.toContain(key);
  }
  await endWith(third, "SIGHUP");
});

test("--fresh removes nothing for a name that leads elsewhere, a stack that is missing or one that is refused", async () => {
  await using checkout = await makeFixtureCheckout();
  await checkout.write(
    "Pulumi.refused.yaml",
    "config:\n  remote-mcp-server:environment: nowhere\n",
  );
  // Each is what one of these names would lead to.
  const kept = [
    ".dev/data/dev/kv",
    ".dev/data/missing/kv",
    ".dev/data/refused/kv",
    ".dev/secrets.yaml",
  ];
  await mkdir(checkout.path(".dev/data/dev"), { recursive: true });
  await mkdir(checkout.path(".dev/data/missing"), { recursive: true });
  await mkdir(checkout.path(".dev/data/refused"), { recursive: true });
  for (const file of kept) await checkout.write(file, "");
  const names = [
    "",
    ".",
    "..",
    "../..",
    "../../infra",
    checkout.path("infra"),
    "missing",
    "refused",
  ];
  for (const name of names) {
    await using program = checkout.start("--fresh", `--stack=${name}`);
    const { code, stderr } = await program.end();
    expect({ name, code }).toEqual({ name, code: 1 });
    expect(stderr).toMatch(
      /--stack: ".*" cannot be used as a name|There is no stack "missing"|environment/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    for (const file of [...kept, "infra/program.ts"]) await stat(checkout.path(file));
  }
});

test("data, keys and secrets are closed to other people of the machine, in a folder of before, too", async ({
  checkout,
  server,
}) => {
  expect((await fetch(server.origin)).status).toBe(200);
  for (const folder of [".dev", ".dev/data/dev"]) {
    expect((await stat(checkout.path(folder))).mode & 0o777, folder).toBe(0o700);
  }
});

test("the terminal shows the resources, the addresses and the block for Claude Desktop", async ({
  server,
}) => {
  const { program, origin } = server;
  expect(program.printed).toContain("├─ WorkersKvNamespace oauth  remote-mcp-server-dev-oauth");
  expect(program.printed).toContain(`HTTP+SSE          ${origin}/sse`);
  const block = /^\{\n[\s\S]*?^\}$/m.exec(program.printed)?.[0] ?? "";
  expect(JSON.parse(block)).toEqual({
    mcpServers: { example: { command: "npx", args: ["mcp-remote", `${origin}/sse`] } },
  });
  await fetch(`${origin}/mcp`, { method: "POST" });
  await program.waitFor(/\d\d:\d\d:\d\d POST \/mcp 401 \d+ ms/);
});

test("the clean-up can be run by hand", async ({ server }) => {
  const { program, origin } = server;
  const answer = await fetch(`${origin}/cdn-cgi/handler/scheduled?cron=17+*+*+*+*`);
  expect(answer.status).toBe(200);
  await program.waitFor(/purge .*done=true/);
});

test("a port in use is told with the way out", async ({ checkout }) => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) =>
    taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port)),
  );
  await using program = checkout.start("--port", String(port));
  const { code, stderr } = await program.end();
  taken.close();
  expect(code).toBe(1);
  expect(stderr.trim()).toBe(
    `Port ${port} is in use. Stop what listens there, or choose another: npm start -- --port ${port + 1}`,
  );
});

test.for([
  [["--stack", "prod"], /There is no stack "prod": the file Pulumi\.prod\.yaml is missing/],
  [["--port", "x"], /--port: "x" is not a port/],
  [["--portt", "1"], /Unknown option '--portt'/],
] as const)(
  "%j is refused in one message and without a stack trace",
  async ([args, message], { checkout }) => {
    await using program = checkout.start(...args);
    const { code, stderr } = await program.end();
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  },
);

test("a wrong setting ends the start with its name", async () => {
  await using checkout = await makeFixtureCheckout();
  await checkout.edit("Pulumi.dev.yaml", "environment: development", "environment: production");
  await using program = checkout.serve();
  const { code, stderr } = await program.end();
  expect(code).toBe(1);
  expect(stderr).toMatch(/identityMethod: "demo" signs anybody in/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("a second server of the same stack leaves the first one serving, and with --no-typecheck runs no compiler", async ({
  checkout,
  server,
}) => {
  await using second = checkout.serve();
  await waitUntilReady(second);
  const running = await describeDescendants(second.pid);
  expect(running).toContain("workerd");
  expect(running).not.toContain("typescript");
  expect((await fetch(`${server.origin}/`)).status).toBe(200);
});

test("what a killed server left behind ends with the next start, a runtime that was started again, too", async () => {
  await using checkout = await makeFixtureCheckout();
  const first = checkout.serve();
  const origin = await waitUntilReady(first);
  const runtimes = async () => (await listDescendants(first.pid)).filter(isRuntime);
  const [before] = await runtimes();
  process.kill(before ?? 0, "SIGKILL");
  // The server starts another, which serves at the same place.
  await expect.poll(async () => (await fetch(origin).catch(() => undefined))?.status).toBe(200);
  const left = await runtimes();
  expect(left.length).toBeGreaterThan(0);
  expect(left).not.toContain(before);
  first.signal("SIGKILL");
  await first.end();
  await using second = checkout.serve();
  await waitUntilReady(second);
  await expect.poll(() => left.filter(isRuntime)).toEqual([]);
});

/** Whether a process is there and runs Workers. What else a server has started ends by itself. */
function isRuntime(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-p", String(pid), "-o", "comm="], { encoding: "utf8" });
  return isAlive(pid) && stdout.includes("workerd");
}
