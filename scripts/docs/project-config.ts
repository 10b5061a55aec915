import { stringify } from "yaml";
import * as z from "zod";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";

/** Every setting of a stack for the `config` of `Pulumi.yaml`: from the schema that checks them. */
export function describeConfig(): string {
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
