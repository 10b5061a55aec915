import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "./run-cli.ts";
import { CommandHost } from "./run-in-host.ts";
import { makeTempFolder } from "./temp-folder.ts";

/** A command that says what it finds around itself, leaves something behind, and ends a while after its module. */
const command = `
import { greeting } from "./greeting.ts";
const [, file, ...args] = process.argv;
const { NAME, LEFT } = process.env;
process.env.LEFT = "left";
console.log(JSON.stringify({ greeting, file, args, NAME, LEFT, cwd: process.cwd() }));
process.chdir("/");
if (args[0] === "ask") console.log(await (await fetch(args[1])).text());
if (args[0] === "fail") {
  console.error("failed");
  process.exitCode = 3;
}
setTimeout(() => console.log(process.pid), 50);
`;

test("commands that share a process find and say what they would in one of their own, load what has changed, and do not wait for one another", async () => {
  await using folder = await makeTempFolder();
  await using host = new CommandHost();
  const file = join(folder.path, "command.ts");
  const greet = (text: string) =>
    writeFile(join(folder.path, "greeting.ts"), `export const greeting = "${text}";`);
  await greet("hello");
  await writeFile(file, command);
  const run = async (start: typeof runCli, ...args: string[]) => {
    const ending = await start(file, args, { NAME: args.join() }, folder.path);
    const [said = "", ...others] = ending.stdout.trimEnd().split("\n");
    const pid = others.pop();
    return { pid, said: { ...ending, stdout: [JSON.parse(said), ...others] } };
  };
  const inHost: typeof runCli = (...parts) => host.run(...parts, [folder.path]);

  const first = await run(inHost, "one");
  expect(first.said).toEqual((await run(runCli, "one")).said);
  const failed = await run(inHost, "fail", "two");
  expect(failed.said).toMatchObject({ code: 3, stderr: "failed\n" });
  expect(failed.said).toEqual((await run(runCli, "fail", "two")).said);
  expect(failed.pid).toBe(first.pid);
  expect((await run(inHost, "one")).said).toEqual(first.said);

  const [some, other] = await Promise.all([run(inHost, "one"), run(inHost, "two")]);
  expect([some.pid, other.pid].filter((pid) => pid === first.pid)).toHaveLength(1);

  await greet("hello");
  expect((await run(inHost, "one")).pid).toBe(first.pid);
  await greet("good morning");
  const changed = await run(inHost, "one");
  expect(changed.said.stdout).toMatchObject([{ greeting: "good morning" }]);
  expect(changed.pid).not.toBe(first.pid);
});

test("a connection of one command is not the next one's", async () => {
  await using folder = await makeTempFolder();
  await using host = new CommandHost();
  const file = join(folder.path, "command.ts");
  await writeFile(join(folder.path, "greeting.ts"), 'export const greeting = "";');
  await writeFile(file, command);
  const ports = new Set<number | undefined>();
  const server = createServer(({ socket }, response) => {
    ports.add(socket.remotePort);
    response.end("answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  for (const _ of [1, 2]) {
    const args = ["ask", `http://127.0.0.1:${port}/`];
    expect((await host.run(file, args, {}, folder.path)).stdout).toContain("\nanswer\n");
  }
  expect(ports.size).toBe(2);
  server.close();
});
