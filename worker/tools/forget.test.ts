import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import forget from "./forget.ts";
import recall from "./recall.ts";
import remember from "./remember.ts";

test("it deletes the one value of a name, and a second time is no error", async () => {
  const person = "forgets";
  await callTool(remember, { name: "a", value: 1 }, { person });
  await callTool(remember, { name: "ab", value: 2 }, { person });
  expect(await callTool(forget, { name: "a" }, { person })).toMatchObject({
    structured: { forgotten: true },
    text: "Forgot a.",
  });
  expect(await callTool(forget, { name: "a" }, { person })).toMatchObject({
    structured: { forgotten: false },
    text: "Nothing was remembered as a.",
    isError: false,
  });
  const { structured } = await callTool(recall, {}, { person });
  expect(structured?.values.map(({ name }) => name)).toEqual(["ab"]);
});
