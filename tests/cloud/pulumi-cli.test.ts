import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { runPulumi } from "../support/deploy-stack.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { Workshop } from "../support/workshop.ts";

/** Every command that opens a stack. */
const commands = [
  ["deploy", "--stack", "dev", "--plan"],
  ["drift", "--stack", "dev"],
  ["adopt", "--worker", "remote-mcp-server-dev", "--stack", "dev"],
  ["destroy", "--stack", "dev", "--yes"],
  ["admin", "--stack", "dev", "grants"],
] as const;

/** What a command that must fail says. @throws Error where it succeeds, or shows a stack trace. */
async function fail(
  shop: Workshop,
  variables: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const { code, stdout, stderr } = await shop.runWith(variables, ...args);
  const said = stdout + stderr;
  expect([code, /^\s+at .*:\d+:\d+\)?$/m.test(said)], said).toEqual([1, false]);
  return said;
}

test("without a Pulumi CLI, or a way to get one, each command says how to get one", async ({
  skip,
}) => {
  await using shop = await Workshop.make(skip);
  await using empty = await makeTempFolder();
  const guard = pathToFileURL(join(import.meta.dirname, "../support/loopback-only.ts")).href;
  const variables = {
    PULUMI_HOME: empty.path,
    PATH: (shop.environment.PATH ?? "").replace(/^[^:]*:/, ""),
    // A machine that has a way to the Internet would download it.
    NODE_OPTIONS: `--import=${guard}`,
  };
  for (const args of [...commands, ["preview", "list"]]) {
    expect(await fail(shop, variables, args), args.join(" ")).toMatch(
      /: there is no Pulumi CLI on this machine, and npm's package `pulumi` could not fetch it \(pulumi: .*\)\. .*`npx pulumi version` fetches it/,
    );
  }
});

test("with a wrong passphrase, each command that opens a stack says which variable is meant", async ({
  skip,
}) => {
  await using shop = await Workshop.make(skip);
  await runPulumi(shop, "stack", "init", "dev");
  await runPulumi(shop, "config", "set", "-s", "dev", "--secret", "probeSecret", "s".repeat(32));
  await runPulumi(shop, "up", "-s", "dev", "--yes", "--skip-preview");
  for (const args of commands) {
    expect(await fail(shop, { PULUMI_CONFIG_PASSPHRASE: "wrong" }, args), args.join(" ")).toContain(
      'the stack "dev": its secrets are encrypted with another passphrase than the one in PULUMI_CONFIG_PASSPHRASE',
    );
  }
});

test("without a passphrase, as on a runner that was given none, the variable is named", async ({
  skip,
}) => {
  await using shop = await Workshop.make(skip);
  await runPulumi(shop, "stack", "init", "dev");
  await runPulumi(shop, "config", "set", "-s", "dev", "--secret", "probeSecret", "s".repeat(32));
  const variables = { PULUMI_CONFIG_PASSPHRASE: "", GITHUB_ACTIONS: "true" };
  const [deploy] = commands;
  expect(await fail(shop, variables, deploy)).toContain(
    "none is given. Set the variable PULUMI_CONFIG_PASSPHRASE to the one",
  );
});
