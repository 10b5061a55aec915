import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";

const file = join(projectRoot, "docs/clients.md");

const marks = {
  start:
    "<!-- matrix: UPDATE_DOCS=1 npm run test:clients -- tests/clients/matrix writes this table -->",
  end: "<!-- /matrix -->",
};

/** The table that `docs/clients.md` holds. @throws Error where it has no place for one. */
export async function readDocumentedTable(): Promise<string> {
  const { table } = await readParts();
  return table;
}

/** Puts another table there. */
export async function writeDocumentedTable(table: string): Promise<void> {
  const { before, after } = await readParts();
  await writeFile(file, `${before}\n\n${table}\n\n${after}`);
}

async function readParts(): Promise<{ before: string; table: string; after: string }> {
  const text = await readFile(file, "utf8");
  const start = text.indexOf(marks.start) + marks.start.length;
  const end = text.indexOf(marks.end);
  if (start < marks.start.length || end < start) {
    throw new Error(
      `docs/clients.md has no place for the table. It goes between\n${marks.start}\n${marks.end}`,
    );
  }
  return {
    before: text.slice(0, start),
    table: text.slice(start, end).trim(),
    after: text.slice(end),
  };
}
