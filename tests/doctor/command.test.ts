import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test as base, expect } from "vitest";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { type Ending, Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { at, page, redirectTo } from "./alterations.ts";
import { type AlteredServer, startAlteredServer } from "./altered-server.ts";

const test = base.extend(
  "altered",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<AlteredServer> => {
    const server = await startAlteredServer({ settings: { registrationsPerMinute: "1000" } });
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

/** `npm run mcp -- doctor …`, to its end. */
async function doctor(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ending> {
  const { PATH = "" } = process.env;
  await using program = new Program("scripts/mcp.ts", ["doctor", ...args], {
    PATH,
    ...environment,
  });
  return await program.end();
}

test("a healthy server ends with 0, a line for each check and what was not checked said apart", async ({
  altered,
}) => {
  altered.alter = undefined;
  const { code, stdout, stderr } = await doctor([altered.origin, "--sign-in", "none"]);
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toContain(`doctor: ${altered.origin} (/mcp, /sse)`);
  expect(stdout).toMatch(/^ {2}ok {11}The server's name resolves: /m);
  expect(stdout).toMatch(/\d+ lines: \d+ ok, 0 warnings, 0 failed, [1-9]\d* not checked\./);
  expect(stdout).toContain("some lines were not checked");
  // No terminal: no colours.
  expect(stdout).not.toContain("\u001b");
});

test("a failed line ends with 1, and says what to do and where the runbook helps", async ({
  altered,
}) => {
  altered.alter = at("/mcp", () => redirectTo("/mcp/", 308));
  const { code, stdout } = await doctor([altered.origin, "--ci", "--sign-in", "none"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(
    /failed {7}Nothing redirects where a client asks: .*\n +Give clients .*\n +docs\/runbook\.md#redirects\n/,
  );
  expect(stdout).toContain("Clients will fail: 1 of these lines failed.");
});

test("a report goes into a file as JUnit, Markdown or JSON while the lines are shown", async ({
  altered,
}) => {
  altered.alter = (request, pass) =>
    request.headers.get("user-agent")?.includes("Claude-User")
      ? page("</td><script>alert(1)</script>]]>|", 403)
      : pass(request);
  await using folder = await makeTempFolder();
  const write = async (format: string) => {
    const file = join(folder.path, format);
    const args = [altered.origin, "--sign-in", "none", "--format", format, "--output", file];
    const { code, stdout } = await doctor(args);
    expect(code, format).toBe(1);
    expect(stdout, format).toMatch(/failed {7}No client is blocked/);
    return readFile(file, "utf8");
  };
  const junit = await write("junit");
  expect(junit).toMatch(/<testsuites tests="\d+" failures="1" errors="0" skipped="[1-9]\d*">/);
  expect(junit).toMatch(/<testcase [^>]*name="user-agents: [^>]*>\s*<failure/);
  const markdown = await write("markdown");
  expect(markdown).toMatch(/\| ❌ failed \| No client is blocked.*docs\/runbook\.md#blocked-by/);
  expect(markdown).not.toContain("<script");
  const report = JSON.parse(await write("json")) as {
    totals: Record<string, number>;
    lines: { id: string; verdict: string; remedy?: string }[];
  };
  expect(report.totals.failed).toBe(1);
  expect(report.lines.filter(({ verdict }) => verdict === "failed")).toMatchObject([
    { id: "user-agents", remedy: expect.stringContaining("Block AI bots") },
  ]);
});

test("JSON alone is all that is printed where it is asked for", async ({ altered }) => {
  altered.alter = undefined;
  const { code, stdout } = await doctor([`${altered.origin}/mcp`, "--sign-in", "none", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ origin: altered.origin, endpoints: ["/mcp"] });
});

test("what cannot be meant is refused in words, before anything is asked", async () => {
  const refusals: Record<string, readonly [readonly string[], number, RegExp]> = {
    "no address": [["mcp.example.com"], 1, /not the address of a server/],
    "a password": [["https://ada:hunter22@mcp.example"], 1, /Leave the user name and password out/],
    "two names": [["https://mcp.example", "--stack", "prod"], 1, /named twice/],
    "a token in sight": [["https://mcp.invalid", "--token", "abc"], 1, /shell's history/],
    "an empty token": [["https://mcp.invalid", "--token", "-"], 1, /nothing came/],
    "two ways": [
      ["https://mcp.invalid", "--token", "-", "--sign-in", "demo"],
      1,
      /Give one of them/,
    ],
    "a person for a CI": [["https://mcp.invalid", "--ci", "--sign-in", "browser"], 1, /--ci says/],
    "no secret": [["https://mcp.invalid", "--sign-in", "probe"], 1, /Set PROBE_SECRET/],
    "an unknown way": [["--sign-in", "magic"], 2, /Allowed choices are auto, demo/],
    "an unknown form": [["--format", "xml"], 2, /Allowed choices are text, json/],
    "an empty name": [[""], 2, /value is empty/],
  };
  const endings = await Promise.all(
    Object.entries(refusals).map(async ([what, [args, code, words]]) => {
      const ending = await doctor(args);
      expect(ending.stderr, what).toMatch(words);
      expect(ending.code, what).toBe(code);
      expect(`${ending.stdout}${ending.stderr}`, what).not.toContain("hunter22");
      return ending;
    }),
  );
  for (const { stderr } of endings) expect(stderr).not.toMatch(/\bat .+\.ts:\d+/);
});

test("a token from the environment is in no line of the report", async ({ altered }) => {
  const token = "very-secret-token-0123456789";
  // A server that echoes what it is sent.
  altered.alter = at("/mcp", (response, { headers }) =>
    headers.has("authorization") ? response : new Response(token, { status: 403 }),
  );
  const ending = await doctor([altered.origin, "--ci"], { MCP_TOKEN: token });
  expect(`${ending.stdout}${ending.stderr}`).not.toContain(token);
});

test("a report that cannot be written is said in words", async () => {
  const port = await findFreePort();
  const { code, stderr } = await doctor([
    `http://localhost:${port}/mcp`,
    "--ci",
    "--output",
    "/nowhere/report.txt",
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^--output: \/nowhere\/report\.txt cannot be written/m);
});
