import { expect } from "vitest";
import { describeOffer } from "../../scripts/docs/offer.ts";
import { features } from "../fixture/features.ts";
import { everyScope } from "../support/connect.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

/** A scope as a person reads it. */
interface ScopeAsRead {
  readonly scope: string;
  readonly words: string;
  /** Titles of the tools that it opens. */
  readonly tools: readonly string[];
}

/** The scopes on the consent page for a client that asks for them. */
async function readConsent(origin: string, scope: string): Promise<ScopeAsRead[]> {
  const app = await OAuthApp.register(origin);
  const person = new Person("reader@example.com");
  await person.visit(app.begin({ scope }).url);
  await person.signIn();
  return person.page.root.querySelectorAll(".scopes .tick").map((row) => ({
    words: row.querySelector("label")?.text ?? "",
    scope: row.querySelector("code")?.text ?? "",
    tools: (row.querySelector("p")?.text.split(" opens ")[1] ?? "").split(", "),
  }));
}

/** The rows of the table under a title of what `npm run docs` writes of a server, without its head. */
function readTable(title: string): string[][] {
  const [, part = ""] = describeOffer(features).split(`## ${title}\n`);
  const lines = part.trim().split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end === -1 ? undefined : end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

test("the consent page says of every scope what the documents and the policy say", async ({
  server,
}) => {
  const read = await readConsent(server.origin, everyScope);
  expect(read.map(({ scope, words }) => [scope, words])).toEqual(
    Object.entries(features.scopes).map(([scope, { words }]) => [scope, words]),
  );
  const titles = new Map(readTable("Tools").map(([name = "", title = ""]) => [name, title]));
  const documented = readTable("Scopes").map(([scope, words, , , tools = ""]) => ({
    scope,
    words,
    tools: tools.split(", ").map((name) => titles.get(name)),
  }));
  expect(read).toEqual(documented);
});

test("a scope names the tools of what it includes, and a client sees its own scopes only", async ({
  server,
}) => {
  const [write, ...others] = await readConsent(server.origin, "demo:write");
  expect(others).toEqual([]);
  const opened = features.tools.filter(({ scope }) => ["demo:read", "demo:write"].includes(scope));
  expect(write?.tools).toEqual(opened.map(({ title }) => title));
  const [readOnly] = await readConsent(server.origin, "demo:read");
  expect(readOnly?.tools).toContain("Read kept values");
  expect(readOnly?.tools).not.toContain("Keep a value");
});
