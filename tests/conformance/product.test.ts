import { join } from "node:path";
import { expect } from "vitest";
import { test } from "../support/test.ts";
import { openWithToken } from "./open-with-token.ts";
import { runServerSuite } from "./run-server-suite.ts";
import { readExpectedFailures, requireSuite } from "./suite.ts";
import { compareFailures, listUnproven, toTable } from "./verdict.ts";

const list = join(import.meta.dirname, "expected-failures", "product.yml");

const scenarios = [
  { name: "http-header-validation", says: "headers that contradict the message are refused" },
  { name: "dns-rebinding-protection", says: "a foreign host and a foreign origin are refused" },
  { name: "server-stateless", says: "no request depends on one before it" },
] as const;

for (const { name, says } of scenarios) {
  test(`${says}, as the suite's ${name} has it`, async ({ server, skip }) => {
    const program = requireSuite(skip);
    const expected = (await readExpectedFailures(list)).filter((entry) =>
      entry.startsWith(`${name}:`),
    );
    await using proxy = await openWithToken(server.origin);
    const selection = ["--scenario", name];
    const { code, output, results } = await runServerSuite(
      program,
      `${proxy.origin}/mcp`,
      selection,
      list,
    );
    console.log(toTable(`The product, ${name}`, results, [name]));

    expect(results.map((result) => result.name)).toEqual([name]);
    expect(compareFailures(results, expected)).toEqual({ unexpected: [], stale: [] });
    expect(listUnproven(results)).toEqual([]);
    for (const { status, errorMessage } of results.flatMap(({ checks }) => checks)) {
      if (status !== "FAILURE") continue;
      expect(errorMessage).toContain("server does not list the diagnostic tool");
    }
    expect(code, output).toBe(0);
  });
}
