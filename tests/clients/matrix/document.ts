import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../../infra/bundle.ts";

const file = join(projectRoot, "docs/clients.md");

/** The tables of `docs/clients.md` that tests write, and the command that does. */
const writers = {
  matrix: "npm run test:clients -- tests/clients/matrix",
  languages: "npm run test:languages",
  machines: "npm run test:clients -- tests/clients/machines",
} as const;

type Name = keyof typeof writers;

/** `docs/clients.md`, of which tests write a part. */
export const clientsPage = {
  /** A table as it stands there. @throws Error where the page has no place for it. */
  async read(name: Name): Promise<string> {
    return (await readParts(name)).table;
  },
  /** Puts another table there. */
  async write(name: Name, table: string): Promise<void> {
    const { before, after } = await readParts(name);
    await writeFile(file, `${before}\n\n${table}\n\n${after}`);
  },
};

async function readParts(name: Name): Promise<{ before: string; table: string; after: string }> {
  const text = await readFile(file, "utf8");
  const mark = `<!-- ${name}: UPDATE_DOCS=1 ${writers[name]} writes this table -->`;
  const end = `<!-- /${name} -->`;
  const from = text.indexOf(mark) + mark.length;
  const to = text.indexOf(end);
  if (from < mark.length || to < from) {
    throw new Error(`docs/clients.md has no place for the table. It goes between\n${mark}\n${end}`);
  }
  return { before: text.slice(0, from), table: text.slice(from, to).trim(), after: text.slice(to) };
}
