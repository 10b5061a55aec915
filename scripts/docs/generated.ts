import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import * as z from "zod";
import { projectRoot } from "../../infra/bundle.ts";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";
import { describeFigures } from "./figures.ts";
import { toTable } from "./markdown-table.ts";
import { replaceMarkedPart, replaceMarkedYaml } from "./marked-part.ts";
import { drawChart } from "./performance/chart.ts";
import { readPerformance } from "./performance/measured.ts";
import { describePerformance } from "./performance/page.ts";

/** The documents of ours with a generated part, from the root of the checkout, and what makes that part. */
const documents = {
  "docs/settings.md": describeSettings,
  "docs/performance.md": describePerformance,
  "docs/security.md": describeFigures,
  "docs/identity.md": describeWrongAssertions,
  "Pulumi.yaml": describeConfig,
} as const;

/** A document with a generated part. */
export type DocumentPath = keyof typeof documents;

/** The picture in docs/performance.md, from the root of the checkout. All of it is generated. */
export const chartPath = "docs/performance.svg";

/** That picture as it must be. */
export function renewChart(): string {
  return drawChart(readPerformance());
}

export const documentPaths = Object.keys(documents) as DocumentPath[];

/**
 * The document with its generated part as it must be.
 * @throws Error if the markers are not there once each, in order.
 */
export function renewDocument(path: DocumentPath, text: string): string {
  const part = documents[path]();
  return path.endsWith(".yaml")
    ? replaceMarkedYaml(path, text, part)
    : replaceMarkedPart(projectRoot, path, text, part);
}

/** Every setting of a stack for the `config` of `Pulumi.yaml`: from the schema that checks them. */
function describeConfig(): string {
  const secrets = Object.entries(secretSettings).map(([name, { description }]) =>
    print(name, ["secret: true"], description, ""),
  );
  return [
    ...Object.entries<z.ZodType>(settingsSchema.shape).map(printPlain),
    "# Secrets have no type: Pulumi would refuse their empty default as not encrypted.",
    ...secrets,
  ].join("\n");
}

function printPlain([name, field]: [string, z.ZodType]): string {
  const { data: value = "" } = field.safeParse(undefined);
  const { description = "" } = z.globalRegistry.get(field) ?? {};
  const schema = z.toJSONSchema(field, { io: "output", unrepresentable: "any" });
  if (schema.type === "array") {
    const items = schema.items as { readonly type?: string };
    const type = ["type: array", "items:", `  type: ${items.type ?? "string"}`];
    return print(name, type, description, value);
  }
  // For an object Pulumi has no type.
  if (schema.type === "object") return print(name, [], description, value);
  // "" says that nobody set it, which is neither a number nor a boolean; and Pulumi has no fractions.
  const isKept = value !== "" && (schema.type === "boolean" || schema.type === "integer");
  return isKept
    ? print(name, [`type: ${schema.type}`], description, value)
    : print(name, ["type: string"], description, String(value));
}

/** Defaults are quoted: Pulumi would take a bare date for a point in time. */
function print(name: string, type: readonly string[], description: string, value: unknown): string {
  const words = stringify(description, { lineWidth: 0 }).trim();
  const lines = [...type, `description: ${words}`, `default: ${JSON.stringify(value)}`];
  return [`${name}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** Every setting of a stack for `docs/settings.md`: from the schema that checks them. */
function describeSettings(): string {
  const plain = Object.entries(settingsSchema.shape).map(([name, field]) => [
    code(name),
    describeDefault(field.safeParse(undefined).data),
    escapeTags(z.globalRegistry.get(field)?.description ?? ""),
  ]);
  const secret = Object.entries(secretSettings).map(([name, { description }]) => [
    code(name),
    "secret",
    escapeTags(description),
  ]);
  return toTable(["Setting", "Default", "What it is"], [...plain, ...secret]);
}

function describeDefault(value: unknown): string {
  const isNothing = value === undefined || value === "" || (Array.isArray(value) && !value.length);
  return isNothing ? "" : code(String(value));
}

/** Otherwise `<stack>` is a tag, and not seen. */
function escapeTags(text: string): string {
  return text.replaceAll("<", "\\<");
}

function code(text: string): string {
  return `\`${text}\``;
}

const rows = z.array(
  z.object({ what: z.string(), error: z.string(), reason: z.string().nullable() }),
);

/** The answers to a company's wrong assertions. The file is held by the test that sends each of them. */
function describeWrongAssertions(): string {
  const file = join(projectRoot, "tests/support/wrong-assertions.json");
  const found = rows.parse(JSON.parse(readFileSync(file, "utf8")));
  return toTable(
    ["What is wrong", "The client gets", "`reason` in the log"],
    found.map(({ what, error, reason }) => [
      what,
      `\`${error}\``,
      reason === null ? "" : `\`${reason}\``,
    ]),
  );
}
