import { join } from "node:path";
import { expect } from "vitest";
import { findFreePort } from "../../scripts/runtime/free-port.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test } from "../support/test.ts";
import { readResults, requireSuite, suiteEnvironment } from "./suite.ts";
import { compareFailures, toTable } from "./verdict.ts";

test("the authorization server passes the suite: metadata, metadata documents, code grant", async ({
  server,
  skip,
}) => {
  const program = requireSuite(skip);
  await using folder = await makeTempFolder();
  const results = join(folder.path, "results");
  const port = await findFreePort();
  const app = await OAuthApp.register(
    server.origin,
    "Conformance suite",
    `http://127.0.0.1:${port}/callback`,
  );
  const args = [
    ["--url", server.origin],
    ["--client-id", app.clientId],
    ["--resource", `${server.origin}/mcp`],
    ["--port", String(port)],
    ["--output-dir", results],
  ];
  await using suite = new Program(
    program,
    ["authorization", ...args.flat()],
    suiteEnvironment(folder.path),
    folder.path,
  );

  const [url] = await suite.waitFor(/^http\S+\/authorize\?\S+$/m);
  await new Person("ada@example.com").authorize(url, { followToClient: true });

  const { code, stdout, stderr } = await suite.end();
  const scenarios = await readResults(results);
  console.log(
    toTable(
      "Authorization server",
      scenarios,
      scenarios.map(({ name }) => name),
    ),
  );
  expect(compareFailures(scenarios, [])).toEqual({ unexpected: [], stale: [] });
  const checks = scenarios.flatMap((scenario) => scenario.checks);
  expect(checks.map(({ id, status }) => `${id}: ${status}`).toSorted()).toEqual([
    "authorization-code-grant: SUCCESS",
    "authorization-server-metadata-cimd: SUCCESS",
    "authorization-server-metadata: SUCCESS",
  ]);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
});
