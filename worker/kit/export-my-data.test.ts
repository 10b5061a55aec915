import { expect, test } from "vitest";
import { note } from "../../tests/fixture/tools/note.ts";
import { put } from "../../tests/fixture/tools/values.ts";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import { exportMyData as makeTool } from "./index.ts";

const exportMyData = makeTool({ scope: "demo:read" });

test("it gives everything that is kept for the person, and nothing of anybody else's", async () => {
  const scopes = ["demo:use", "demo:write"];
  await callTool(put, { name: "rate", value: 0.19 }, { person: "exports" });
  await callTool(note, { text: "hello" }, { person: "exports", scopes });
  await callTool(put, { name: "other", value: 1 }, { person: "somebody else" });
  const { structured, text } = await callTool(exportMyData, {}, { person: "exports" });
  expect(structured).toEqual({
    entries: [
      {
        collection: "notes",
        key: "000000000001",
        value: { text: "hello" },
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
    await callTool(put, { name, value: "x".repeat(8000) }, { person });
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
