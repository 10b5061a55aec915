import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import calculate from "./calculate.ts";
import exportMyData from "./export-my-data.ts";
import remember from "./remember.ts";

test("it gives everything that is kept for the person, and nothing of anybody else's", async () => {
  const scopes = ["math:use", "memory:write"];
  await callTool(remember, { name: "rate", value: 0.19 }, { person: "exports" });
  await callTool(calculate, { expression: "1+1" }, { person: "exports", scopes });
  await callTool(remember, { name: "other", value: 1 }, { person: "somebody else" });
  const { structured, text } = await callTool(exportMyData, {}, { person: "exports" });
  expect(structured).toEqual({
    entries: [
      {
        collection: "history",
        key: "000000000001",
        value: { expression: "1+1", value: 2 },
        updatedAt: expect.stringMatching(/Z$/),
      },
      { collection: "values", key: "rate", value: 0.19, updatedAt: expect.any(String) },
    ],
  });
  expect(text).toBe("2 entries, and that is all.");
});

test("what is too much for one page comes in several, each entry once", async () => {
  const person = "keeps a lot";
  const names = Array.from({ length: 40 }, (_, n) => `name-${String(n).padStart(2, "0")}`);
  for (const name of names) {
    await callTool(remember, { name, value: "x".repeat(8000) }, { person });
  }
  const seen: string[] = [];
  let pages = 0;
  let cursor: string | undefined;
  do {
    const page = await callTool(exportMyData, { ...(cursor && { cursor }) }, { person });
    expect(page.isError).toBe(false);
    seen.push(...(page.structured?.entries.map(({ key }) => key) ?? []));
    cursor = page.structured?.cursor;
    pages++;
  } while (cursor !== undefined);
  expect(seen).toEqual(names);
  expect(pages).toBe(2);
});

test("another person's cursor is refused", async () => {
  const person = "keeps a lot";
  const { structured } = await callTool(exportMyData, {}, { person });
  const cursor = structured?.cursor;
  expect(cursor).toEqual(expect.any(String));
  const stranger = await callTool(exportMyData, { cursor }, { person: "stranger" });
  expect(stranger.isError).toBe(true);
  expect(stranger.text).toMatch(/Start without a cursor\.$/);
});
