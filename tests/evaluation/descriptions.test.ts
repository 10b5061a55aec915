import { expect, test } from "vitest";
import * as z from "zod";
import { ownFeatures } from "../../worker/features.ts";
import { defineTool } from "../../worker/kit/define-tool.ts";
import { findDescriptionProblems, findLookAlikes } from "./description-rules.ts";

const { tools, resources, prompts } = ownFeatures;

test.for(tools.map((tool) => [tool.name, tool] as const))(
  "%s says what it does, when to use it, and how far it goes",
  ([, tool]) => {
    expect(findDescriptionProblems(tool)).toEqual([]);
  },
);

test("no two tools have one name, or say nearly the same", () => {
  const names = tools.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
  expect(findLookAlikes(tools)).toEqual([]);
});

test("resources and prompts have a title for people and a description for models", () => {
  for (const { name, title, description } of [...resources, ...prompts]) {
    expect(title, name).toMatch(/^[A-Z].{2,39}$/);
    expect(description, name).toMatch(/^[A-Z].{39,199}\.$/);
  }
  for (const { name, args } of prompts) {
    expect(name).toMatch(/^[a-z]+(-[a-z0-9]+)*$/);
    for (const [arg, schema] of Object.entries(args.shape)) {
      expect(z.toJSONSchema(schema as z.ZodType).description, `${name}: ${arg}`).toBeTruthy();
    }
  }
});

const good = defineTool({
  name: "repeat_text",
  title: "Repeat a text",
  description:
    "Repeats a text so many times. Use it when a person wants the same again. Up to 100 characters, 9 times.",
  scope: "math:use",
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
