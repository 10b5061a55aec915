import { resolve } from "node:path";
import { expect, onTestFinished } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { test } from "../support/usual-stack.ts";

// Each command asks the Pulumi CLI, on a machine that may be busy with other tests.

const script = resolve(import.meta.dirname, "../../scripts/mcp.ts");

const place = "worker.js:1:100";

test("connect knows a stack's URL from the Pulumi CLI, and without one from the state file", async ({
  takeUsual,
  skip,
}) => {
  const deployment = await takeUsual(skip);
  onTestFinished(() => deployment[Symbol.asyncDispose]());
  const { home, stack } = deployment;
  const { workDir } = stack.workspace;
  const run = (environment: Readonly<Record<string, string>>, name: string) =>
    runCli(script, ["connect", "cursor", "--json", "--stack", name], environment, workDir);
  const withoutCli = {
    ...home.environment,
    PATH: "/nowhere",
    PULUMI_HOME: resolve(home.stateFolder, "no-pulumi"),
  };
  await home.createStack("early", async () => {});
  for (const environment of [home.environment, withoutCli]) {
    const early = await run(environment, "early");
    expect(early).toMatchObject({ code: 1, stdout: "" });
    expect(early.stderr).toMatch(/early is not deployed.*pulumi up -s early/);
    const traced = await runCli(script, ["trace", "--stack", "early", place], environment, workDir);
    expect(traced).toMatchObject({ code: 1, stdout: "" });
    expect(traced.stderr).toMatch(/early is not deployed, so no log is of it/);
  }

  const origin = await deployment.origin();
  for (const environment of [home.environment, withoutCli]) {
    const { code, stdout, stderr } = await run(environment, "test");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      name: "remote-mcp-server-test",
      url: `${origin}/mcp`,
      entry: { url: `${origin}/mcp` },
    });
    const other = await run(environment, "nosuch");
    expect(other).toMatchObject({ code: 1, stdout: "" });
    expect(other.stderr).toMatch(/no stack "nosuch".*pulumi stack ls/);
    expect(other.stderr).not.toMatch(/^\s+at /m);
    // Of all maps at hand, the one of what the stack runs is taken.
    const traced = await runCli(script, ["trace", "--stack", "test", place], environment, workDir);
    expect(traced).toMatchObject({ code: 0, stderr: "" });
    expect(traced.stdout).toMatch(/^(worker|node_modules)\/.*\.[jt]s:\d+:\d+$/m);
  }
});
