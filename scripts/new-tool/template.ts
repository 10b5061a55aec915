import type { NewToolPlan } from "./tool-plan.ts";

/** The text of a new tool: complete, small, and to be changed. */
export function writeTool({ name, title, description, scope }: NewToolPlan): string {
  return `import * as z from "zod";
import { defineTool, ToolError } from "../kit/index.ts";

/** Characters of a text at most. */
const longestText = 1000;

/** ${title.replaceAll("*/", "")}. */
export default defineTool({
  name: ${JSON.stringify(name)},
  title: ${JSON.stringify(title)},
  description: ${JSON.stringify(description)},
  scope: ${JSON.stringify(scope)},
  input: z.object({
    text: z.string().max(longestText).describe(\`A text; at most \${longestText} characters\`),
  }),
  output: z.object({ words: z.int().describe("How many words it has") }),
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  run({ text }) {
    const words = text.split(/\\s+/).filter((word) => word !== "").length;
    if (words === 0) throw new ToolError("The text has no words. Give one that has.");
    return { structured: { words }, text: \`\${words} words\` };
  },
});
`;
}

export function writeTest({ file, identifier }: NewToolPlan): string {
  return `import { expect, test } from "vitest";
import { callTool } from "../../tests/support/worker/call-tool.ts";
import ${identifier} from "./${file}.ts";

test("it counts the words of a text", async () => {
  const { structured, text } = await callTool(${identifier}, { text: "one  two\\nthree" });
  expect(structured).toEqual({ words: 3 });
  expect(text).toBe("3 words");
});

test("a text without words is a mistake, and what to do is said", async () => {
  const { isError, text } = await callTool(${identifier}, { text: " " });
  expect(isError).toBe(true);
  expect(text).toBe("The text has no words. Give one that has.");
});

test("a text over the bound is refused, and the argument is named", async () => {
  const { isError, text } = await callTool(${identifier}, { text: "x".repeat(1001) });
  expect(isError).toBe(true);
  expect(text).toMatch(/text: .*1000/);
});
`;
}
