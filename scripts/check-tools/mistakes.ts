import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A message that the Worker's source holds for a model's mistake. */
export interface Mistake {
  readonly file: string;
  /** Its words; what is put in when it is said is `…`. Undefined: it is made elsewhere, and cannot be read. */
  readonly message: string | undefined;
}

/** A message as it is written: of a ToolError, or of a storage's problem, which becomes one. */
const written =
  /(?:new ToolError\(\s*|\bproblem:\s*(?=["`]))(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`|([a-zA-Z][\w.]*(?:\([\w.]*\))?))/g;

/** Where a message is handed on that was written elsewhere. */
const handedOn = "String(result.problem)";

/**
 * Every message for a mistake of a model, from the Worker's source: none can be forgotten in a table.
 * @param root top of the checkout. @param isWanted whether a file counts, by its path from there.
 */
export async function listMistakes(
  root: string,
  isWanted: (file: string) => boolean,
): Promise<Mistake[]> {
  const found: Mistake[] = [];
  for await (const path of glob("worker/**/*.ts", { cwd: root })) {
    const file = path.replaceAll("\\", "/");
    if (file.endsWith(".test.ts") || !isWanted(file)) continue;
    const text = await readFile(join(root, file), "utf8");
    for (const [, plain, template, other] of text.matchAll(written)) {
      if (other === handedOn) continue;
      const message = plain ?? template?.replace(/\$\{[^}]*\}/g, "…");
      found.push({ file, message });
    }
  }
  return found;
}
