import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { ownFeatures } from "../../worker/features.ts";
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

/** The rows of the table of docs/tools.md under a title, without its head. */
async function readTable(title: string): Promise<string[][]> {
  const text = await readFile(join(import.meta.dirname, "../../docs/tools.md"), "utf8");
  const [, part = ""] = text.split(`\n### ${title}\n`);
  const lines = part.trim().split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end === -1 ? undefined : end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll("`", "")),
  );
}

test("the consent page says of every scope what docs/tools.md and the policy say", async ({
  server,
}) => {
  const read = await readConsent(server.origin, everyScope);
  expect(read.map(({ scope, words }) => [scope, words])).toEqual(
    Object.entries(ownFeatures.scopes).map(([scope, { words }]) => [scope, words]),
  );
  const titles = new Map(
    (await readTable("Tools")).map(([name = "", title = ""]) => [name, title]),
  );
  const documented = (await readTable("Scopes")).map(([scope, words, , , tools = ""]) => ({
    scope,
    words,
    tools: tools.split(", ").map((name) => titles.get(name)),
  }));
  expect(read).toEqual(documented);
});

test("a scope names the tools of what it includes, and a client sees its own scopes only", async ({
  server,
}) => {
  const [write, ...others] = await readConsent(server.origin, "memory:write");
  expect(others).toEqual([]);
  const opened = ownFeatures.tools.filter(({ scope }) => scope.startsWith("memory:"));
  expect(write?.tools).toEqual(opened.map(({ title }) => title));
  const [readOnly] = await readConsent(server.origin, "memory:read");
  expect(readOnly?.tools).toContain("Recall remembered values");
  expect(readOnly?.tools).not.toContain("Remember a value");
});
