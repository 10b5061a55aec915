import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { Person } from "../support/person.ts";
import { type Ending, Program } from "../support/program.ts";
import { runCli } from "../support/run-cli.ts";
import { runInHost } from "../support/run-in-host.ts";
import { sample } from "../support/sample.ts";
import { type StackServer, startStackServer } from "../support/stack-server.ts";
import { test } from "../support/token-stack.ts";
import { Home } from "./home.ts";

const mcp = resolve(import.meta.dirname, "../../scripts/mcp.ts");

/** Runs `token …` where nobody has to sign in. */
function run(home: Home, { origin }: StackServer, ...args: string[]): Promise<Ending> {
  const start = sample(runInHost, runCli);
  return start(mcp, ["token", ...args, "--url", origin, "--ci"], home.environment, home.project);
}

test("whoever signed in once makes a token from the shell, lists it and ends it", async ({
  server,
}) => {
  await using home = await Home.make();
  const create = ["create", "Nightly report", "--scope", "demo:use", "demo:read", "--days", "7"];
  const stranger = await run(home, server, ...create);
  expect(stranger).toMatchObject({ code: 1, stdout: "" });
  expect(stranger.stderr).toContain("--ci says that nobody is there");

  const ada = new Person("ada@example.com");
  const all = ["token", ...create, "--url", server.origin];
  await using program = new Program(mcp, all, { ...home.environment }, home.project);
  const [url] = await program.waitFor(/(?<=go to:\n {2})\S+/);
  await ada.visit(url);
  await ada.signIn();
  // The page says what this is, and offers nothing else.
  expect(ada.page.text).toContain("continue to work after you disconnect this app");
  expect(ada.page.root.querySelectorAll("[name=scope]")).toHaveLength(1);
  await ada.decide("approve");
  await fetch(ada.page.leavesFor ?? "");
  const made = await program.end();
  expect(made.code, made.stderr).toBe(0);
  // A pipe gets the token and nothing else.
  expect(made.stdout).toMatch(/^rmcp_[0-9A-Za-z]{36}\n$/);
  expect(made.stderr).toContain(
    `"Nightly report" opens ${server.origin}/mcp for demo:use demo:read`,
  );
  const token = made.stdout.trim();
  const sum = toToolCall("sum", { a: 2, b: 3 });
  const call = () => postMessage(`${server.origin}/mcp`, token, sum);
  expect((await call()).status).toBe(200);
  const args = ["call", "sum", '{"a": 2, "b": 3}', "--url", server.origin, "--ci"];
  const environment = { ...home.environment, MCP_TOKEN: token };
  expect((await runCli(mcp, args, environment, home.project)).stdout).toBe("5\n");

  const listed = await run(home, server, "list");
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(listed.stdout).toMatch(/^1 token\.\n\nName .*\nNightly report {2}pt-/);
  const json = await run(home, server, "list", "--json");
  expect(JSON.parse(json.stdout)).toMatchObject([{ scopes: ["demo:use", "demo:read"] }]);

  const wrong = await run(home, server, "create", "Other", "--scope", "admin");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(wrong.stderr).toContain('scopes: You cannot give "admin". Choose among: demo:use');
  expect((await run(home, server, "revoke", "Other")).stderr).toContain('no token "Other"');
  const ended = await run(home, server, "revoke", "Nightly report");
  expect(ended).toMatchObject({ code: 0, stderr: "" });
  expect((await call()).status).toBe(401);
  expect((await run(home, server, "list")).stdout).toBe("You have no tokens here.\n");

  // The sign-in is kept as those of `call` are, and apart from them; the token is kept nowhere.
  const folder = join(home.environment.XDG_CONFIG_HOME ?? "", "remote-mcp-server", "sign-ins");
  const [file = "", ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect(await home.describe(join(folder, file))).toEqual({ mode: 0o600, isLink: false });
  expect(await home.read(join(folder, file))).not.toContain(token);
  // It opens no tool.
  const { tokens } = JSON.parse((await home.read(join(folder, file))) ?? "");
  expect((await postMessage(`${server.origin}/mcp`, tokens.access_token, sum)).status).toBe(401);
});

test("a server without personal tokens is named, and wrong usage says what to give", async () => {
  await using server = await startStackServer();
  await using home = await Home.make();
  const none = await run(home, server, "list");
  expect(none).toMatchObject({ code: 1, stdout: "" });
  expect(none.stderr).toContain("has no personal tokens");
  expect(none.stderr).toContain("personalTokens");
  for (const args of [
    ["create", "A"],
    ["create", "A", "--scope", "demo:use", "--days", "0"],
    ["create", "", "--scope", "demo:use"],
    ["revoke"],
  ]) {
    expect((await run(home, server, ...args)).code, args.join(" ")).toBe(2);
  }
});
