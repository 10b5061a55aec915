import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { test as base, expect } from "vitest";
import { ownFeatures } from "../../worker/features.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { startTestServer, type TestServer } from "../support/dev-server.ts";
import { Person } from "../support/person.ts";
import { type Ending, Output, Program } from "../support/program.ts";
import { requireOrSkip } from "../support/require-all.ts";
import { runCli } from "../support/run-cli.ts";
import { runInHost } from "../support/run-in-host.ts";
import { sample } from "../support/sample.ts";
import { Home } from "./home.ts";

const mcp = resolve(import.meta.dirname, "../../scripts/mcp.ts");

/** The program of util-linux that gives another one a terminal. */
const script = "/usr/bin/script";

const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<TestServer> => {
    const server = await startTestServer({ program: fixtureProgram });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

/** A command that nobody has to sign in for. */
function run(home: Home, { origin }: TestServer, ...args: string[]): Promise<Ending> {
  const start = sample(runInHost, runCli);
  return start(mcp, [...args, "--url", origin, "--ci"], home.environment, home.project);
}

/** A command that sends its person to their browser. */
async function runAndSignIn(
  home: Home,
  { origin }: TestServer,
  person: Person,
  ...args: string[]
): Promise<Ending> {
  const all = [...args, "--url", origin];
  await using program = new Program(mcp, all, { ...home.environment }, home.project);
  const [url] = await program.waitFor(/(?<=go to:\n {2})\S+/);
  await person.authorize(url, { followToClient: true });
  // Not the promise: leaving the scope would stop the program first.
  return await program.end();
}

/** The file of the only sign-in that is remembered. */
async function findSignIn(home: Home): Promise<string> {
  const folder = join(home.environment.XDG_CONFIG_HOME ?? "", "remote-mcp-server", "sign-ins");
  const [name = "", ...others] = await readdir(folder);
  expect(others).toEqual([]);
  return join(folder, name);
}

/** Every secret that a file of a sign-in holds. */
function listSecrets(file: string): string[] {
  const { tokens } = JSON.parse(file) as { tokens: Record<string, unknown> };
  return [tokens.access_token, tokens.refresh_token].filter((token) => typeof token === "string");
}

test("whoever signed in once calls tools, lists, reads and prompts from the shell", async ({
  server,
}) => {
  await using home = await Home.make();
  const ada = new Person("ada@example.com");
  const endings: Ending[] = [];
  const take = (ending: Ending) => {
    endings.push(ending);
    return ending;
  };

  const stranger = take(await run(home, server, "call", "sum", '{"a": 1, "b": 2}'));
  expect(stranger).toMatchObject({ code: 1, stdout: "" });
  expect(stranger.stderr).toContain("--ci says that nobody is there");

  const sum = ["call", "sum", '{"a": 1, "b": 2}'];
  const first = take(await runAndSignIn(home, server, ada, ...sum));
  expect(first).toMatchObject({ code: 0, stdout: "3\n" });

  const path = await findSignIn(home);
  expect(await home.describe(path)).toEqual({ mode: 0o600, isLink: false });
  const remembered = (await home.read(path)) ?? "";
  expect(listSecrets(remembered)).toHaveLength(2);

  expect(take(await run(home, server, ...sum))).toEqual({ code: 0, stdout: "3\n", stderr: "" });
  const json = take(await run(home, server, ...sum, "--json"));
  expect(JSON.parse(json.stdout)).toMatchObject({ structuredContent: { sum: 3 } });

  const list = take(await run(home, server, "list"));
  expect(list).toMatchObject({ code: 0, stderr: "" });
  expect(list.stdout).toMatch(/^Tool .*\n[\s\S]*^sum a, b +Sum of two numbers$/m);
  expect(list.stdout).toMatch(/^demo:\/\/notes +Your notes$/m);
  expect(list.stdout).toMatch(/^paint thing, colour\? +Paint something$/m);
  const entry = take(await run(home, server, "list", "sum"));
  expect(JSON.parse(entry.stdout)).toMatchObject({ name: "sum", inputSchema: { type: "object" } });

  const prompt = take(await run(home, server, "prompt", "paint", '{"thing": "a boat"}'));
  expect(prompt).toMatchObject({ code: 0, stdout: "user: Describe a boat in blue.\n", stderr: "" });
  const colour = take(await run(home, server, "read", "demo://colours/red"));
  expect(colour).toMatchObject({ code: 0, stdout: '{"name":"red"}\n', stderr: "" });

  // More has to be allowed: the browser opens once more, and what was allowed before stays.
  const put = ["call", "put", '{"name": "x", "value": 1}'];
  expect(take(await run(home, server, ...put)).code).toBe(1);
  expect(take(await runAndSignIn(home, server, ada, ...put))).toMatchObject({
    code: 0,
    stdout: "Kept x.\n",
  });
  expect(take(await run(home, server, ...put)).stdout).toBe("Replaced x.\n");
  expect(take(await run(home, server, ...sum)).stdout).toBe("3\n");

  const everything = endings.map(({ stdout, stderr }) => stdout + stderr).join("");
  const secrets = [remembered, (await home.read(path)) ?? ""].flatMap(listSecrets);
  for (const secret of secrets) expect(everything).not.toContain(secret);
});

test("a shell completes the commands, their options, and what this checkout offers", async () => {
  await using home = await Home.make();
  const complete = async (...words: string[]) => {
    const args = ["complete", "--", ...words];
    const root = resolve(import.meta.dirname, "../..");
    const { stdout } = await runInHost(mcp, args, home.environment, root);
    // The last line is an instruction for the shell's script.
    return stdout
      .trim()
      .split("\n")
      .slice(0, -1)
      .map((line) => line.split("\t")[0] ?? "");
  };
  expect(await complete("cal")).toEqual(["call"]);
  expect(await complete("call", "")).toEqual(ownFeatures.tools.map(({ name }) => name));
  expect(await complete("prompt", "")).toEqual(ownFeatures.prompts.map(({ name }) => name));
  expect(await complete("read", "--")).toEqual(
    expect.arrayContaining(["--url", "--stack", "--sign-in", "--ci", "--json"]),
  );
});

test("what goes wrong ends with 1 and wrong usage with 2, each with a reason", async ({
  server,
}) => {
  await using home = await Home.make();
  const ada = new Person("ada@example.com");
  await runAndSignIn(home, server, ada, "list");
  for (const [args, code, reason] of [
    [["call", "fail"], 1, /\S/],
    [["call", "sum", '{"a": "x"}'], 1, /\ba\b/],
    [["call", "nosuch"], 1, /nosuch/],
    [["read", "demo://nosuch"], 1, /The server refused/],
    [["prompt", "paint"], 1, /thing/],
    [["list", "nosuch"], 1, /offers nothing called "nosuch"/],
    [["call", "sum", "{a: 1}"], 2, /not JSON/],
    [["call", "sum", "[1]"], 2, /must be a JSON object/],
    [["prompt", "paint", '{"thing": []}'], 2, /thing is not/],
    [["call"], 2, /missing required argument 'tool'/],
  ] as const) {
    const ending = await run(home, server, ...args);
    expect({ args, code: ending.code, stdout: ending.stdout }).toEqual({ args, code, stdout: "" });
    expect(ending.stderr, args.join(" ")).toMatch(reason);
    expect(ending.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$|canary/m);
  }
});

test("a token of the environment is used, is not kept, and is not shown where it is refused", async ({
  server,
}) => {
  await using home = await Home.make({ MCP_TOKEN: "canary-token-3f1b" });
  const { code, stdout, stderr } = await run(home, server, "list");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("refused the token of MCP_TOKEN");
  expect(stderr).not.toContain("canary");
  expect(await home.list(home.path)).toEqual([]);
});

test("on a terminal a person sees progress, and answers what a tool asks", async ({
  server,
  skip,
}) => {
  const hasTerminal = process.platform === "linux" && existsSync(script);
  requireOrSkip(skip, hasTerminal || undefined, `No ${script} of util-linux.`);
  await using home = await Home.make();
  const listed = await runAndSignIn(home, server, new Person("ada@example.com"), "list");
  expect(listed).toMatchObject({ code: 0 });
  const start = (line: string) => {
    // A terminal of no size would get one letter a line.
    const command = `/usr/bin/stty cols 120 rows 40 && "${process.execPath}" "${mcp}" ${line} --url ${server.origin}`;
    const child = spawn(script, ["--quiet", "--return", "--command", command, "/dev/null"], {
      cwd: home.project,
      env: { ...home.environment, SHELL: "/bin/sh", TERM: "xterm" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    return { child, shown: new Output(child.stdout), ended: once(child, "close") };
  };

  const count = start(`call count '{"steps": 5, "pause": 20}'`);
  await count.shown.waitFor(/2\/5 At 2[\s\S]*Counted to 5\./);
  expect((await count.ended)[0]).toBe(0);

  const asked = start("call choose");
  await asked.shown.waitFor(/The server asks: Which colour for it\?[\s\S]*Decline/);
  asked.child.stdin.write("\r");
  await asked.shown.waitFor(/Colour[\s\S]*green/);
  // Down once, to the second.
  asked.child.stdin.write("\u001b[B\r");
  await asked.shown.waitFor(/green\r?\n$/);
  expect((await asked.ended)[0]).toBe(0);

  const declined = start("call choose");
  await declined.shown.waitFor(/The server asks: Which colour for it\?[\s\S]*Decline/);
  declined.child.stdin.write("\u001b[B\r");
  await declined.shown.waitFor(/The person chose no colour/);
  expect((await declined.ended)[0]).toBe(0);
});
