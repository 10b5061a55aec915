import { expect, test } from "vitest";
import { get, put } from "../../tests/fixture/tools/values.ts";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import { deleteMyData as makeTool } from "./index.ts";

const deleteMyData = makeTool({ scope: "demo:write", keeps: "values and notes" });

/** A person who keeps two values. */
async function makeKeeper(person: string): Promise<{ person: string; scopes: string[] }> {
  for (const name of ["a", "b"]) await callTool(put, { name, value: 1 }, { person });
  return { person, scopes: ["demo:write"] };
}

async function countKept(person: string): Promise<number | undefined> {
  return (await callTool(get, {}, { person })).structured?.values.length;
}

test("a person who says yes in the form has nothing left", async () => {
  const keeper = await makeKeeper("says yes");
  const questions: string[] = [];
  const result = await callTool(
    deleteMyData,
    {},
    {
      ...keeper,
      answer(message) {
        questions.push(message);
        return { action: "accept", content: { delete: true } };
      },
    },
  );
  expect(questions).toEqual([
    "Delete everything that is kept for you (values and notes), for good?",
  ]);
  expect(result).toMatchObject({
    structured: { deleted: true, entries: 2 },
    text: "Deleted 2 entries.",
  });
  expect(await countKept("says yes")).toBe(0);
});

test("a model that says yes for a person who can be asked deletes nothing", async () => {
  const keeper = await makeKeeper("says no");
  for (const reply of [
    { action: "decline" as const },
    { action: "cancel" as const },
    { action: "accept" as const, content: { delete: false } },
  ]) {
    const result = await callTool(
      deleteMyData,
      { confirm: true },
      { ...keeper, answer: () => reply },
    );
    expect(result).toMatchObject({ structured: { deleted: false, entries: 0 }, isError: false });
    expect(result.text).toContain("Nothing was deleted");
  }
  expect(await countKept("says no")).toBe(2);
});

test("where the app cannot ask, it takes a second call with the person's yes", async () => {
  const keeper = await makeKeeper("is told");
  const first = await callTool(deleteMyData, {}, keeper);
  expect(first.text).toBe(
    "Nothing was deleted. Ask the person, then call again with confirm: true.",
  );
  expect(await countKept("is told")).toBe(2);
  await callTool(deleteMyData, { confirm: true }, keeper);
  expect(await countKept("is told")).toBe(0);
});

test("nobody else loses anything", async () => {
  await makeKeeper("neighbour");
  await callTool(deleteMyData, { confirm: true }, await makeKeeper("goes"));
  expect(await countKept("neighbour")).toBe(2);
});
