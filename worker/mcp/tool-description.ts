import type { Tool as SdkTool, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as z from "zod";
import type { Tool } from "../kit/define-tool.ts";
import { toScopeMeta, toSecuritySchemes } from "./registration.ts";

/** What `tools/list` says about a tool, except for its icon. */
export type ToolDescription = ReturnType<typeof makeDescription>;

const descriptions = new WeakMap<Tool, ToolDescription>();

/** Describes a tool. Its schemas are converted once in an isolate, not with every request. */
export function describeTool(tool: Tool): ToolDescription {
  const known = descriptions.get(tool);
  if (known !== undefined) return known;
  const made = makeDescription(tool);
  descriptions.set(tool, made);
  return made;
}

const inputs = new WeakMap<Tool, StandardSchemaWithJSON>();

/** The input of a tool as the SDK wants it. Also made once in an isolate. */
export function describeInput(tool: Tool): StandardSchemaWithJSON {
  const known = inputs.get(tool);
  if (known !== undefined) return known;
  const made = toDescribingSchema(describeTool(tool).inputSchema);
  inputs.set(tool, made);
  return made;
}

function makeDescription(tool: Tool) {
  const { name, title, description, scope, input, output, annotations, progressExample } = tool;
  return {
    name,
    title,
    description,
    inputSchema: toJsonSchema(input, "input"),
    outputSchema: toJsonSchema(output, "output"),
    annotations,
    securitySchemes: toSecuritySchemes(scope),
    _meta: {
      ...toScopeMeta(scope),
      ...(progressExample && { "remote-mcp-server/progress-example": progressExample }),
    },
  };
}

/**
 * A schema as the SDK wants it, which describes a value and takes any: the seam in `tool-calls.ts`
 * validates, so that wrong arguments are logged and answered like everything else.
 */
export function toDescribingSchema(schema: object): StandardSchemaWithJSON {
  const json = () => schema as Record<string, unknown>;
  return {
    "~standard": {
      version: 1,
      vendor: "remote-mcp-server",
      validate: (value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}

/** A tool's schemas describe objects, as the protocol requires. */
type ObjectSchema = SdkTool["inputSchema"];

function toJsonSchema(schema: z.ZodObject, io: "input" | "output"): ObjectSchema {
  // zod has its own type for the same JSON.
  const converted = z.toJSONSchema(schema, { io });
  return { ...(splitTypes(converted) as object), type: "object" } as ObjectSchema;
}

/** Keywords that hold values instead of schemas. */
const valued: readonly string[] = ["const", "default", "enum", "examples"];

/**
 * Writes `type: ["number", "null"]` as `anyOf`, which means the same: the Inspector and some clients take a
 * list of types as the tool's mistake.
 */
function splitTypes(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(splitTypes);
  if (typeof node !== "object" || node === null) return node;
  const { type, ...rest } = Object.fromEntries(
    Object.entries(node).map(([key, member]) => [
      key,
      valued.includes(key) ? member : splitTypes(member),
    ]),
  );
  if (type === undefined) return rest;
  // A property may have the same name; its value is a schema, not a list.
  if (!Array.isArray(type)) return { type, ...rest };
  return { anyOf: type.map((each) => ({ type: each })), ...rest };
}
