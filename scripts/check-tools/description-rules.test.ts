import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../../worker/kit/index.ts";
import { findDescriptionProblems, findLookAlikes } from "./description-rules.ts";

const good = defineTool({
  name: "repeat_text",
  title: "Repeat a text",
  description:
    "Repeats a text so many times. Use it when a person wants the same again. Up to 100 characters, 9 times.",
  scope: "text:use",
  input: z.object({
    text: z.string().max(100).describe("What to repeat"),
    times: z.int().min(1).max(9).describe("How often"),
  }),
  output: z.object({ repeated: z.string().describe("The text, so many times") }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run: ({ text, times }) => ({ structured: { repeated: text.repeat(times) }, text: "" }),
});
const { description, input, annotations } = good;
const said = (from: string, to: string) => ({ description: description.replace(from, to) });

test("a good tool has no problem", () => {
  expect(findDescriptionProblems(good)).toEqual([]);
});

test.for([
  ["a name that is not well formed", { name: "repeatText" }, "name"],
  ["a title with a full stop", { title: "Repeat a text." }, "title"],
  ["a title that is the name", { title: "repeat_text" }, "title"],
  ["a description that does not begin with what it does", said("Repeats", "Repeat"), "begins with"],
  ["a description that does not say when", said("Use it when", "Nice when"), "when to use it"],
  ["a bound that only the schema has", said("100 characters", "some characters"), "its bound 100"],
  ["a description with markup", said("Up to", "\n- Up to"), "without markup"],
  ["a description without an end", said("9 times.", "9 times"), "full stop"],
  ["a short description", { description: "Repeats a text. Use it to." }, "at least 60"],
  ["a long description", { description: description + "x".repeat(600) }, "at most 600"],
  [
    "an argument without a description",
    { input: input.extend({ text: z.string() }) },
    "text: has a description",
  ],
  [
    "an argument inside of a list without a description",
    {
      input: input.extend({
        lines: z.array(z.object({ line: z.string() })).describe("Lines"),
      }),
    },
    "lines[].line: has a description",
  ],
  [
    "an argument with a long description",
    { input: input.extend({ text: z.string().describe("x".repeat(121)) }) },
    "at most 120",
  ],
  [
    "a result whose name is not enough",
    { output: z.object({ repeated: z.string() }) },
    "repeated: has a description",
  ],
  ["a hint that is left out", { annotations: { readOnlyHint: true } }, "idempotentHint"],
  [
    "a tool that writes and does not say whether it destroys",
    { annotations: { ...annotations, readOnlyHint: false } },
    "destructiveHint",
  ],
  [
    "a tool that only reads and destroys",
    { annotations: { ...annotations, destructiveHint: true } },
    "destroys nothing",
  ],
] as const)("%s is found", ([, change, problem]) => {
  const problems = findDescriptionProblems({ ...good, ...change });
  expect(problems).toContainEqual(expect.stringContaining(problem));
});

test("two tools that say nearly the same are found", () => {
  const other = { ...good, name: "double_text", ...said("so many times", "twice") };
  expect(findLookAlikes([good, other])).toEqual(["repeat_text and double_text"]);
});
