import * as z from "zod";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";
import { toTable } from "./markdown-table.ts";

/** Every setting of a stack for `docs/settings.md`: from the schema that checks them. */
export function describeSettings(): string {
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
