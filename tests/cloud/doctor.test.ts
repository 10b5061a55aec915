import { resolve } from "node:path";
import { expect, onTestFinished } from "vitest";
import { runCli } from "../support/run-cli.ts";
import { test } from "../support/usual-stack.ts";

// Each command asks the Pulumi CLI several times, on a machine that may be busy with other tests.

const script = resolve(import.meta.dirname, "../../scripts/mcp.ts");

test("doctor finds a stack's server and its probe secret, and takes its client out of the stack's KV again", async ({
  takeUsual,
  skip,
}) => {
  const deployment = await takeUsual(skip);
  onTestFinished(() => deployment[Symbol.asyncDispose]());
  const { home, stack, local } = deployment;
  const doctor = (args: readonly string[], { name, workspace } = stack) =>
    runCli(script, ["doctor", name, "--ci", ...args], home.environment, workspace.workDir);

  const early = await doctor([], await home.createStack("early", async () => {}));
  expect(early).toMatchObject({ code: 1, stdout: "" });
  expect(early.stderr).toMatch(/early is not deployed.*pulumi up -s early/);

  const { kvNamespaceId } = await deployment.outputs();
  const listClients = async () => {
    const options = { prefix: "client:", limit: 1000 };
    const { keys } = await local.cloud.storage.listKeys(String(kvNamespaceId?.value), options);
    return keys.map(({ name }) => name);
  };
  const none = await doctor(["--sign-in", "probe"]);
  expect(none.code).toBe(1);
  expect(none.stderr).toContain("no probe secret is known");

  await stack.setConfig("remote-mcp-server:probeSecret", {
    value: "a-probe-secret-of-thirty-two-characters",
    secret: true,
  });
  await deployment.up();
  const { code, stdout, stderr } = await doctor(["--sign-in", "probe", "--json"]);
  expect(stderr).toBe("");
  expect(code, stdout).toBe(0);
  expect(stdout).not.toContain("a-probe-secret");
  const report = JSON.parse(stdout) as { origin: string; leftOver: string[]; lines: object[] };
  expect(report).toMatchObject({ origin: await deployment.origin(), leftOver: [] });
  expect(report.lines).toContainEqual(
    expect.objectContaining({ id: "registration", verdict: "ok" }),
  );
  expect(await listClients()).toEqual([]);

  // Without a token for the account the client stays, and the report says so.
  await stack.setConfig("cloudflare:apiToken", { value: "no-such-token-0123456789", secret: true });
  const left = await doctor(["--sign-in", "none"]);
  expect(left.code).toBe(0);
  expect(left.stdout).toMatch(/Something was not cleaned up: .*token/);
  expect(await listClients()).toHaveLength(1);
});
