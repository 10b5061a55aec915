import { expect, test } from "vitest";
import { Checkout, waitUntilReady } from "../support/checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("the terminal shows where a tool failed and which path was asked for; the client and the Worker's own log do not", async () => {
  await using checkout = await Checkout.make();
  const line = "const sum = a + b;";
  await checkout.edit(
    "worker/tools/add.ts",
    line,
    `if (a === 2) throw new TypeError("canary-7e");\n    ${line}`,
  );
  const source = (await checkout.read("worker/tools/add.ts")).split("\n");
  const row = 1 + source.findIndex((each) => each.includes("canary-7e"));
  await using program = checkout.start();
  const origin = await waitUntilReady(program);

  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
  const answer = await postMessage(`${origin}/mcp`, accessToken, toToolCall("add", { a: 2, b: 3 }));
  const text = await answer.text();
  expect(text).toContain("The tool add failed on the server");
  expect(text).not.toMatch(/canary-7e|add\.ts|worker\.js/);
  await program.waitFor(
    new RegExp(
      `tool-failure tool=add error=TypeError message=canary-7e\\S*\\n +at worker/tools/add\\.ts:${row}:`,
    ),
  );

  await fetch(`${origin}/no/such/page?code=canary-9f`);
  await program.waitFor(/GET +\/no\/such\/page \S*404/);
  expect(program.printed).not.toContain("canary-9f");

  // An edit moves the lines, and the places with them.
  await checkout.edit("worker/tools/add.ts", "if (a === 2)", "\n    if (a === 2)");
  await program.waitFor(/Reloaded in \d+ ms/);
  await postMessage(`${origin}/mcp`, accessToken, toToolCall("add", { a: 2, b: 3 }));
  await program.waitFor(new RegExp(`at worker/tools/add\\.ts:${row + 1}:`));
});
