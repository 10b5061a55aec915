import { join } from "node:path";
import { expect } from "vitest";
import { logIn } from "../support/connect.ts";
import { inspectorEnvironment, requireInspectorSession } from "../support/inspector.ts";
import { Person } from "../support/person.ts";
import { Program } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { test } from "../support/test.ts";

for (const era of ["legacy", "modern"]) {
  test(`a session of the Inspector's CLI is asked, answers and goes on (${era})`, async ({
    server,
    skip,
  }) => {
    const path = requireInspectorSession(skip);
    await using home = await makeTempFolder();
    const token = await logIn(server.origin, new Person("ada@example.com"), "modern");
    const environment = {
      ...inspectorEnvironment(home.path),
      // A daemon of this test's own holds the connection between the commands.
      MCP_INSPECTOR_DAEMON_DIR: join(home.path, "d"),
      MCP_INSPECTOR_DAEMON_TOKEN: "only-for-this-test",
      MCP_ALLOW_DEFAULT_CONNECTION: "1",
    };
    const run = async (...args: string[]) => {
      await using program = new Program(path, args, environment);
      const { code, stdout, stderr } = await program.end();
      expect(code, `${args.join(" ")}: ${stdout}${stderr}`).toBe(0);
      return stdout;
    };
    await using _stopped = {
      [Symbol.asyncDispose]: async () => {
        await run("daemon", "stop");
      },
    };
    const header = `Authorization: Bearer ${token}`;
    await run(
      "connect",
      `${server.origin}/mcp`,
      "--transport",
      "http",
      "--header",
      header,
      "--era",
      era,
    );

    const pending = await run("--format", "json", "tools/call", "choose", "thing:=wall");
    const { elicitationPending } = JSON.parse(pending) as {
      elicitationPending: { elicitationId: string; message: string };
    };
    expect(elicitationPending.message).toBe("Which colour for wall?");
    const id = elicitationPending.elicitationId;
    const answered = await run("--format", "json", "elicitation/respond", id, "colour:=grey");
    expect(JSON.parse(answered)).toMatchObject({
      structuredContent: { thing: "wall", colour: "grey" },
    });

    const count = await run("--format", "json", "tools/call", "count", "steps:=5", "pause:=20");
    expect(JSON.parse(count)).toMatchObject({ structuredContent: { counted: 5 } });
    console.log(`${era}: ${elicitationPending.message}\n${answered}${count}`);
  });
}
