import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

test("the terminal shows where a tool failed and which path was asked for; the client and the Worker's own log do not", async () => {
  await using checkout = await makeFixtureCheckout();
  const line = "const total = a + b;";
  await checkout.edit(
    "worker/tools/sum.ts",
    line,
    `if (a === 2) throw new TypeError("canary-7e");\n    ${line}`,
  );
  const source = (await checkout.read("worker/tools/sum.ts")).split("\n");
  const row = 1 + source.findIndex((each) => each.includes("canary-7e"));
  await using program = checkout.serve();
  const origin = await waitUntilReady(program);

  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });
  const answer = await postMessage(`${origin}/mcp`, accessToken, toToolCall("sum", { a: 2, b: 3 }));
  const text = await answer.text();
  expect(text).toContain("The tool sum failed on the server");
  expect(text).not.toMatch(/canary-7e|sum\.ts|worker\.js/);
  await program.waitFor(
    new RegExp(
      `tool-failure tool=sum error=TypeError message=canary-7e\\S*\\n +at worker/tools/sum\\.ts:${row}:`,
    ),
  );

  await fetch(`${origin}/no/such/page?code=canary-9f`);
  await program.waitFor(/GET +\/no\/such\/page \S*404/);
  expect(program.printed).not.toContain("canary-9f");

  // An edit moves the lines, and the places with them.
  await checkout.edit("worker/tools/sum.ts", "if (a === 2)", "\n    if (a === 2)");
  await program.waitFor(/Reloaded in \d+ ms/);
  await postMessage(`${origin}/mcp`, accessToken, toToolCall("sum", { a: 2, b: 3 }));
  await program.waitFor(new RegExp(`at worker/tools/sum\\.ts:${row + 1}:`));
});
