import { UserError } from "../errors.ts";
import type { NewToolPlan } from "./tool-plan.ts";

/** The file that lists the tools, from the root of the checkout. */
export const listPath = "worker/tools/index.ts";

/** Behind the last entry of the list. */
const end = /^\];$/m;

/**
 * The list of tools with one more at its end. The imports are put in order with the formatting.
 * @throws UserError where the file has another form.
 */
export function addListEntry(text: string, { file, identifier }: NewToolPlan): string {
  const isKnown = text.includes("export const tools: readonly Tool<Scope>[] = [") && end.test(text);
  if (!isKnown) {
    throw new UserError(
      `${listPath}: its list of tools has another form than this program knows. Write the list as \`export const tools: readonly Tool<Scope>[] = [\`, an entry a line, and \`];\`, then run this again.`,
    );
  }
  if (new RegExp(`\\b${identifier}\\b.* from `).test(text)) {
    throw new UserError(
      `name: ${listPath} imports something as "${identifier}" already. Use another name.`,
    );
  }
  return `import ${identifier} from "./${file}.ts";\n${text.replace(end, `  ${identifier},\n];`)}`;
}
