import { join } from "node:path";
import { test as base, expect } from "vitest";
import { startFixtureServer } from "./fixture-server.ts";
import { openWithToken } from "./open-with-token.ts";
import { runServerSuite } from "./run-server-suite.ts";
import { readExpectedFailures, readRequirements, requireSuite } from "./suite.ts";
import { compareFailures, listSkipped, listUnproven, toTable } from "./verdict.ts";

const test = base.extend(
  "server",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const server = await startFixtureServer();
    onCleanup(() => server[Symbol.asyncDispose]());
    return server;
  },
);

/** A revision, how many scenarios it requires of a server, and what the suite leaves out in them. */
const revisions = [
  {
    revision: "2026-07-28",
    count: 37,
    skipped: [
      // The server says that its lists of tools and prompts do not change.
      "server-stateless:sep-2575-server-sends-prompts-list-changed-on-subscription",
      "server-stateless:sep-2575-server-sends-tools-list-changed-on-subscription",
      // A call without progress is answered in JSON, not with a stream.
      "server-sse-multiple-streams:server-sse-streams-functional",
    ],
  },
  {
    revision: "2025-11-25",
    count: 30,
    skipped: [
      // This one check comes from a client that cannot be asked, which gets no session.
      "server-initialize:server-session-id-visible-ascii",
    ],
  },
] as const;

for (const { revision, count, skipped } of revisions) {
  test(`all ${count} scenarios that MCP ${revision} requires of a server pass`, async ({
    server,
    skip,
  }) => {
    const program = requireSuite(skip);
    const required = await readRequirements(revision);
    expect(required).toHaveLength(count);
    const list = findList(revision);
    const expected = await readExpectedFailures(list);
    const excused = new Set(expected.map((entry) => entry.split(":")[0]));
    expect(required.filter((name) => excused.has(name))).toEqual([]);

    await using proxy = await openWithToken(server.origin);
    const selection = ["--requirements", revision];
    const { code, output, results } = await runServerSuite(
      program,
      `${proxy.origin}/mcp`,
      selection,
      list,
    );
    console.log(toTable(`MCP ${revision}`, results, required));

    expect(compareFailures(results, expected)).toEqual({ unexpected: [], stale: [] });
    const scored = results.filter(({ name }) => required.includes(name));
    expect(scored.map(({ name }) => name).toSorted()).toEqual(required.toSorted());
    expect(listUnproven(scored)).toEqual([]);
    expect(listSkipped(scored).toSorted()).toEqual(skipped.toSorted());
    expect(code, output).toBe(0);
  });
}

test("a client of MCP 2025-11-25 that cannot be asked gets all that needs no session", async ({
  server,
  skip,
}) => {
  const program = requireSuite(skip);
  const revision = "2025-11-25";
  const required = await readRequirements(revision);
  const list = findList(`${revision}-stateless`);
  await using proxy = await openWithToken(server.origin, forgetCapabilities);
  const selection = ["--requirements", revision];
  const { code, output, results } = await runServerSuite(
    program,
    `${proxy.origin}/mcp`,
    selection,
    list,
  );
  console.log(toTable(`MCP ${revision}, stateless`, results, required));

  expect(compareFailures(results, await readExpectedFailures(list))).toEqual({
    unexpected: [],
    stale: [],
  });
  expect(results.map(({ name }) => name)).toEqual(expect.arrayContaining([...required]));
  expect(code, output).toBe(0);
});

function findList(name: string): string {
  return join(import.meta.dirname, "expected-failures", `${name}.yml`);
}

/** The suite's client says that it can be asked, and has no option to say otherwise. */
function forgetCapabilities(body: string): string {
  const message = JSON.parse(body) as { method?: string; params?: object };
  if (message.method !== "initialize") return body;
  return JSON.stringify({ ...message, params: { ...message.params, capabilities: {} } });
}
