import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import recall from "./recall.ts";
import remember from "./remember.ts";

/** Keeps a value of 1 under each name. */
async function keep(person: string, names: readonly string[]): Promise<void> {
  for (const name of names) await callTool(remember, { name, value: 1 }, { person });
}

test("a list comes page by page, sorted, each name once", async () => {
  const person = "pages";
  await keep(person, ["e", "b", "d", "a", "c"]);
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { structured } = await callTool(
      recall,
      { limit: 2, ...(cursor && { cursor }) },
      { person },
    );
    pages.push(structured?.values.map(({ name }) => name) ?? []);
    cursor = structured?.cursor;
  } while (cursor !== undefined);
  expect(pages).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

test("a prefix chooses the names that begin so, and nothing that only looks like them", async () => {
  const person = "prefixes";
  await keep(person, ["rate_de", "rate_fr", "rates", "Rate_it", "a_rate", "rate%"]);
  const { structured, text } = await callTool(recall, { prefix: "rate_" }, { person });
  expect(structured?.values.map(({ name }) => name)).toEqual(["rate_de", "rate_fr"]);
  expect(text).toBe("rate_de = 1\nrate_fr = 1");
});

test("a cursor works for the person and the list it was made for only", async () => {
  await keep("owner", ["a", "b"]);
  await keep("stranger", ["a", "b"]);
  const { structured } = await callTool(recall, { limit: 1 }, { person: "owner" });
  const cursor = structured?.cursor;
  expect(cursor).toEqual(expect.any(String));
  const tries = [
    callTool(recall, { limit: 1, cursor }, { person: "stranger" }),
    callTool(recall, { limit: 1, cursor, prefix: "a" }, { person: "owner" }),
    callTool(recall, { limit: 1, cursor: `${cursor}x` }, { person: "owner" }),
  ];
  for (const { isError, text } of await Promise.all(tries)) {
    expect(isError).toBe(true);
    expect(text).toMatch(/^This cursor .* Start without a cursor\.$/);
  }
});

test("a name without a value is a mistake with the next step, an empty list is none", async () => {
  const { isError, text } = await callTool(recall, { name: "x" }, { person: "new here" });
  expect(isError).toBe(true);
  expect(text).toBe('Nothing is remembered as "x". Call recall without a name.');
  expect(await callTool(recall, {}, { person: "new here" })).toEqual({
    structured: { values: [] },
    text: "Nothing is remembered.",
    isError: false,
  });
});
