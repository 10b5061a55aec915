import { expect, test } from "vitest";
import * as z from "zod";
import { defineTool } from "../kit/index.ts";
import { describeTool } from "./tool-description.ts";

test("no type of a described schema is a list, which clients show a warning for, and values are left alone", () => {
  const { outputSchema, inputSchema } = describeTool(
    defineTool({
      name: "measure",
      title: "Measure",
      description: "Measures.",
      scope: "any:use",
      input: z.object({ kind: z.object({ type: z.string() }).default({ type: "a" }) }),
      output: z.object({ value: z.number().nullable().describe("Length"), unit: z.string() }),
      annotations: {},
      run: () => ({ structured: { value: null, unit: "m" }, text: "" }),
    }),
  );
  expect(outputSchema.properties).toMatchObject({
    value: { anyOf: [{ type: "number" }, { type: "null" }], description: "Length" },
    unit: { type: "string" },
  });
  expect(inputSchema.properties).toMatchObject({
    kind: { type: "object", properties: { type: { type: "string" } }, default: { type: "a" } },
  });
  expect(JSON.stringify([outputSchema, inputSchema])).not.toContain('"type":[');
});
