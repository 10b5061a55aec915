import * as z from "zod";
import { defineFixtureTool } from "./fixture-tool.ts";

/** Tools whose arguments are described with rarer words of JSON Schema. */
export const schemaTools = [
  defineFixtureTool({
    name: "json_schema_2020_12_tool",
    description: "Tool with JSON Schema 2020-12 features",
    input: z
      .strictObject({
        name: z.string().optional(),
        address: z.unknown().meta({ $ref: "#/$defs/address" }).optional(),
        contactMethod: z.enum(["phone", "email"]).optional(),
        phone: z.string().optional(),
        email: z.string().optional(),
      })
      .meta({
        $defs: {
          address: {
            $anchor: "addressDef",
            type: "object",
            properties: { street: { type: "string" }, city: { type: "string" } },
          },
        },
        allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
        if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
        // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word.
        then: { required: ["phone"] },
        else: { required: ["email"] },
      }),
    run: (args) => JSON.stringify(args),
  }),
  defineFixtureTool({
    name: "test_header_argument",
    description: "Takes an argument that stands in a header too (SEP-2243).",
    input: z.object({ region: z.string().meta({ "x-mcp-header": "Region" }) }),
    run: ({ region }) => `The region is ${region}.`,
  }),
];
