import { UserError } from "../errors.ts";
import type { NewToolPlan } from "./tool-plan.ts";

/** The file that lists the tools, from the root of the checkout. */
export const listPath = "worker/tools/index.ts";

/** The list: its beginning, its entries, and its end. With few entries it is one line. */
const list = /(export const tools: readonly Tool<Scope>\[\] = \[)([^\]]*)(\];)/;

/**
 * The list of tools with one more at its end. The imports are put in order with the formatting.
 * @throws UserError if the file has another form.
 */
export function addListEntry(text: string, { file, identifier }: NewToolPlan): string {
  if (!list.test(text)) {
    throw new UserError(
      `${listPath}: its list of tools has another form than this program knows. Write the list as \`export const tools: readonly Tool<Scope>[] = [\`, the entries, and \`];\`, then run this again.`,
    );
  }
  if (new RegExp(`\\b${identifier}\\b.* from `).test(text)) {
    throw new UserError(
      `name: ${listPath} imports something as "${identifier}" already. Use another name.`,
    );
  }
  const longer = text.replace(list, (_, begin: string, entries: string, end: string) => {
    const kept = entries.trim().replace(/,$/, "");
    return `${begin}${kept === "" ? "" : `${kept}, `}${identifier}${end}`;
  });
  return `import ${identifier} from "./${file}.ts";\n${longer}`;
}
