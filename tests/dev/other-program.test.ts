import { expect, test } from "vitest";
import { features } from "../fixture/features.ts";
import { fixtureProgram } from "../fixture/program.ts";
import { Checkout, waitUntilReady } from "../support/checkout.ts";
import { connectModern } from "../support/connect.ts";
import { startTestServer } from "../support/dev-server.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("a program of other features is served with those on every page, list and challenge, and with none of the project's", async () => {
  await using server = await startTestServer({ program: fixtureProgram });
  const { origin } = server;
  const home = await (await fetch(`${origin}/`)).text();
  for (const { title } of features.tools) expect(home).toContain(title);

  const document = `${origin}/.well-known/oauth-protected-resource/mcp`;
  expect(await (await fetch(document)).json()).toMatchObject({
    scopes_supported: ["demo:use", "demo:profile"],
  });
  const metadata = await fetch(`${origin}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({ scopes_supported: Object.keys(features.scopes) });

  const app = await OAuthApp.register(origin);
  const person = new Person("ada@example.com");
  const { accessToken } = await app.logIn(person, { scope: "demo:use demo:write" });
  await using client = await connectModern(origin, accessToken);
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(features.tools.map(({ name }) => name));
  const call = async (name: string, args: object) =>
    (await client.callTool({ name, arguments: { ...args } })).structuredContent;
  expect(await call("sum", { a: 2, b: 3 })).toEqual({ sum: 5 });
  expect(await call("put", { name: "a", value: 1 })).toEqual({ name: "a", replaced: false });
  await expect(call("whoami", {})).rejects.toThrow(/insufficient/i);
  await call("note", { text: "hello" });
  const { contents } = await client.readResource({ uri: "demo://notes" });
  expect(contents).toMatchObject([{ text: '[{"text":"hello"}]' }]);
});

test("npm start serves such a program, follows its edits, and says what is wrong with its module", async () => {
  await using checkout = await Checkout.make({ hasTests: true });
  await checkout.write("tests/fixture/empty.ts", "export {};\n");
  await using wrong = checkout.serve("--program", "tests/fixture/empty.ts");
  expect((await wrong.end()).stderr).toMatch(
    /--program: tests\/fixture\/empty\.ts exports no `server`\. Export one .* as tests\/fixture\/infra\.ts does\./,
  );
  await using program = checkout.serve("--program", fixtureProgram);
  const origin = await waitUntilReady(program);
  await checkout.edit("tests/fixture/tools/sum.ts", "Sum of two numbers", "Sum of a pair");
  await program.waitFor(/Reloaded in \d+ ms: tests\/fixture\/tools\/sum\.ts/);
  expect(await (await fetch(`${origin}/`)).text()).toContain("Sum of a pair");
});
