import { expect, test } from "vitest";
import { createCommand } from "../admin.ts";

/** What `admin revoke` takes its arguments for. */
async function parse(...args: string[]) {
  const admin = createCommand();
  const revoke = admin.commands.find((command) => command.name() === "revoke");
  if (revoke === undefined) throw new Error("There is no revoke.");
  for (const command of [admin, revoke]) {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
  }
  revoke.action(() => undefined);
  await admin.parseAsync(args, { from: "user" });
  return revoke.optsWithGlobals();
}

test.each(["abc", "-abc", "--abc", "-", "-x"])(
  "the id %s is taken as it was copied",
  async (id) => {
    const meant = { stack: "prod", client: id, yes: true };
    expect(await parse("--stack", "prod", "revoke", "--client", id, "--yes")).toEqual(meant);
    expect(await parse("revoke", "--yes", `--client=${id}`, "--stack", "prod")).toEqual(meant);
  },
);

test("an option is not an id, and an id that is missing is told", async () => {
  await expect(parse("revoke", "--client", "--yes")).rejects.toThrow(/--client.*an id is missing/);
  await expect(parse("revoke", "--client", "--stack", "prod")).rejects.toThrow(/argument missing/);
});
