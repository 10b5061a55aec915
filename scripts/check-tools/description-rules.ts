import type { Tool } from "../../worker/kit/define-tool.ts";
import { describeTool } from "../../worker/mcp/tool-description.ts";

/** Characters of a description: enough to say what, when and how far; not so many that nobody reads on. */
const descriptionLength = { least: 60, most: 600 };

/** Characters of what is said of one value at most. */
const longestWords = 120;

/** Share of the words that two tools may have in common before a model mixes them up. */
const largestLikeness = 0.5;

/** Bounds that only mean "any whole number": nobody needs to be told. */
const rangesOfNumbers = [Number.MAX_SAFE_INTEGER, 0xffff_ffff];

/** Names of results that say enough by themselves. Any other needs a description. */
const plainNames: ReadonlySet<string> = new Set([
  "at",
  "collection",
  "count",
  "deleted",
  "entries",
  "key",
  "max",
  "min",
  "name",
  "sum",
  "updatedAt",
  "value",
  "values",
]);

/** The part of JSON Schema that tools use. */
interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

/** What a model or a person would miss in a tool's definition; empty if nothing. */
export function findDescriptionProblems(tool: Tool): string[] {
  const { name, title, description, annotations } = tool;
  const { inputSchema, outputSchema } = describeTool(tool);
  const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations;
  const { least, most } = descriptionLength;
  const rules: readonly (readonly [isKept: boolean, problem: string])[] = [
    [
      /^[a-z]+(_[a-z0-9]+)*$/.test(name) && name.length <= 64,
      "name: lower case, words joined by _",
    ],
    [
      /^[A-Z].{2,39}$/.test(title) && !title.endsWith("."),
      "title: 3 to 40 characters, no full stop",
    ],
    [title !== name, "title: is for people, and must not be the name"],
    [!/[\n\r#`]|\*\*/.test(description), "description: is one paragraph without markup"],
    [
      /^[A-Z][a-z]+s /.test(description),
      'description: begins with what the tool does, as "Adds …"',
    ],
    [/\. Use it /.test(description), 'description: says when to use it, as "Use it …"'],
    [description.endsWith("."), "description: ends with a full stop"],
    [description.length >= least, `description: has at least ${least} characters`],
    [description.length <= most, `description: has at most ${most} characters`],
    [
      [readOnlyHint, idempotentHint, openWorldHint].every((hint) => hint !== undefined),
      "annotations: say readOnlyHint, idempotentHint and openWorldHint",
    ],
    [readOnlyHint === true || destructiveHint !== undefined, "annotations: say destructiveHint"],
    [!(readOnlyHint && destructiveHint), "annotations: what only reads destroys nothing"],
  ];
  return [
    ...rules.flatMap(([isKept, problem]) => (isKept ? [] : problem)),
    ...listValues(inputSchema as Schema).flatMap(([path, schema]) => [
      ...findWordProblems(path, schema),
      ...findUnsaidBounds(path, schema, description),
    ]),
    ...listValues(outputSchema as Schema)
      .filter(([path, { description: words }]) => words !== undefined || !isPlain(path))
      .flatMap(([path, schema]) => findWordProblems(path, schema)),
  ];
}

/** Tools that say nearly the same: a model could not choose between them. */
export function findLookAlikes(tools: readonly Tool[]): string[] {
  return tools.flatMap((tool, index) =>
    tools
      .slice(index + 1)
      .filter((other) => measureLikeness(tool.description, other.description) > largestLikeness)
      .map((other) => `${tool.name} and ${other.name}`),
  );
}

function findWordProblems(path: string, { description = "" }: Schema): string[] {
  if (description === "") return [`${path}: has a description`];
  return description.length > longestWords ? [`${path}: at most ${longestWords} characters`] : [];
}

/** A bound that only the schema has: models that write a long text do not count along. */
function findUnsaidBounds(path: string, schema: Schema, description: string): string[] {
  const said = `${description} ${schema.description ?? ""}`.replaceAll(",", "");
  return [schema, ...(schema.anyOf ?? [])]
    .flatMap(({ maximum, maxLength, maxItems }) => [maximum, maxLength, maxItems])
    .filter((bound) => bound !== undefined && !rangesOfNumbers.includes(bound))
    .filter((bound) => !new RegExp(`\\b${bound}\\b`).test(said))
    .map((bound) => `${path}: its bound ${bound} is said in words`);
}

/** Every value in a schema by its path, those inside of lists and objects too. */
function listValues(schema: Schema, path = ""): [string, Schema][] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const own = path === "" ? name : `${path}.${name}`;
    return [[own, value] as [string, Schema], ...listValues(value, own)];
  });
  return schema.items === undefined ? inner : [...inner, ...listValues(schema.items, `${path}[]`)];
}

function isPlain(path: string): boolean {
  return plainNames.has(path.split(".").at(-1) ?? "");
}

/** Words in common over words in all (Jaccard). */
function measureLikeness(first: string, second: string): number {
  const words = (text: string) => new Set(text.toLowerCase().match(/[a-z0-9_]+/g));
  const [one, other] = [words(first), words(second)];
  const common = [...one].filter((word) => other.has(word));
  return common.length / new Set([...one, ...other]).size;
}
