import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { runInHost } from "../support/run-in-host.ts";
import { Home } from "./home.ts";

const root = resolve(import.meta.dirname, "../..");
const script = resolve(root, "scripts/mcp.ts");

/** `remote-mcp complete -- …`, as a shell asks it in a project. @returns what is offered. */
async function complete(...words: string[]): Promise<string[]> {
  await using home = await Home.make();
  const args = ["complete", "--", ...words];
  const { code, stdout, stderr } = await runInHost(script, args, home.environment, home.project);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const lines = stdout.trim().split("\n");
  // The last line is an instruction for the shell's script.
  return lines.slice(0, -1).map((line) => line.split("\t")[0] ?? "");
}

test("a shell completes commands, options, clients, transports and the stacks that have settings", async () => {
  expect(await complete("")).toEqual(expect.arrayContaining(["connect", "admin", "completion"]));
  expect(await complete("conn")).toEqual(["connect"]);
  expect(await complete("connect", "cl")).toEqual(["claude-desktop", "claude-code", "claude.ai"]);
  expect(await complete("connect", "cursor", "--")).toEqual(
    expect.arrayContaining(["--url", "--stack", "--write", "--undo", "--json"]),
  );
  expect(await complete("connect", "cursor", "--transport", "")).toEqual(["http", "sse"]);
  expect(await complete("connect", "--stack", "d")).toEqual(["dev"]);
  expect(await complete("admin", "grants", "--stack", "")).toEqual(["dev", "local"]);
  expect(await complete("admin", "re")).toEqual(["revoke"]);
});

test.each(["bash", "zsh", "fish", "powershell"])(
  "%s gets a script for remote-mcp",
  async (shell) => {
    await using home = await Home.make();
    const bin = resolve(root, "scripts/remote-mcp.js");
    const { code, stdout } = await runCli(
      bin,
      ["completion", shell],
      home.environment,
      home.project,
    );
    expect(code).toBe(0);
    expect(stdout).toContain("remote-mcp");
  },
);

test("a stack whose files would be elsewhere is wrong usage, for every command that takes one", async () => {
  await using home = await Home.make();
  const commandLines = [
    ["admin", "grants"],
    ["connect", "cursor", "--write"],
    ["deploy"],
    ["destroy"],
    ["doctor"],
    ["drift"],
    ["adopt", "--worker", "example"],
    ["trace", "worker.js:1:1"],
  ];
  for (const [index, line] of commandLines.entries()) {
    const stack =
      ["..", "acme/..", "../../docs", ".", "a/b/c/d", "acme/", "-x", "../a"][index] ?? "..";
    const args = [...line, `--stack=${stack}`];
    const { code, stderr } = await runInHost(script, args, home.environment, home.project);
    expect({ args, code }).toEqual({ args, code: 2 });
    expect(stderr).toContain(`argument '${stack}' is invalid`);
  }
});

test("colours come on a terminal only: a pipe gets none, and FORCE_COLOR asks for them", async () => {
  await using home = await Home.make();
  const { NO_COLOR: _none, ...coloured } = home.environment;
  const run = (environment: Record<string, string>, ...args: string[]) =>
    runCli(script, args, environment, home.project);
  const colour = "\u001b[";
  for (const args of [["--help"], ["connect"], ["connect", "nosuch"]]) {
    const piped = await run(coloured, ...args);
    expect(piped.stdout + piped.stderr).not.toContain(colour);
    const forced = await run({ ...coloured, FORCE_COLOR: "1" }, ...args);
    expect(forced.stdout + forced.stderr).toContain(colour);
  }
});

test("connect with a URL loads no package but its parser's and its format's", async () => {
  await using home = await Home.make();
  // Prints every module that was loaded, once the command has ended.
  const hooks = `
    import { registerHooks } from "node:module";
    const found = new Set();
    registerHooks({ load(url, context, next) {
      found.add(url);
      return next(url, context);
    } });
    process.on("exit", () => console.error([...found].join("\\n")));`;
  const environment = {
    ...home.environment,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(hooks)}`,
  };
  const args = ["connect", "--url", "https://mcp.example.com", "claude-desktop"];
  const { code, stderr } = await runCli(script, args, environment, home.project);
  expect(code).toBe(0);
  const modules = stderr
    .trim()
    .split("\n")
    .filter((url) => url.startsWith("file:"));
  const packages = modules.flatMap(
    (url) => /node_modules\/(@[^/]+\/[^/]+|[^/]+)/.exec(url)?.[1] ?? [],
  );
  expect([...new Set(packages)].toSorted()).toEqual(["commander", "jsonc-parser"]);
  expect(modules).toContain(pathToFileURL(script).href);
  expect(modules.length).toBeLessThan(50);
});
