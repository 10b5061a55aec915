import { glob, readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

/** A message that the Worker's source holds for a model's mistake. */
export interface Mistake {
  /** Where it stands. */
  readonly file: string;
  /** Its words; what is put in when it is said is `…`. */
  readonly message: string;
}

/** A message as it is written: of a ToolError, or of a storage's problem, which becomes one. */
const written =
  /(?:new ToolError\(\s*|\bproblem:\s*(?=["`]))(?:"((?:[^"\\]|\\.)*)"|`((?:[^`\\]|\\.)*)`|([a-zA-Z][\w.]*(?:\([\w.]*\))?))/g;

/** Where a message is handed on that was written elsewhere. */
const handedOn = "String(result.problem)";

/** Every message for a mistake of a model, from the source: none can be forgotten in a table. */
export async function listMistakes(): Promise<Mistake[]> {
  const found: Mistake[] = [];
  for await (const path of glob(`${root}/worker/**/*.ts`)) {
    if (path.endsWith(".test.ts")) continue;
    const file = relative(root, path);
    for (const [, plain, template, other] of (await readFile(path, "utf8")).matchAll(written)) {
      if (other === handedOn) continue;
      const message = plain ?? template?.replace(/\$\{[^}]*\}/g, "…");
      if (message === undefined) throw new Error(`${file} makes a message that cannot be read.`);
      found.push({ file, message });
    }
  }
  return found;
}
