import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";

/** The parts of the checklist; each has its file here, or is held elsewhere. */
const groups = [
  "Consent",
  "Redirect URIs",
  "Codes and tokens",
  "Transport",
  "Sessions",
  "Client ID Metadata Documents",
  "Machine clients",
  "Companies that decide for their people",
  "Abuse",
  "Discovery",
  "Faults",
  "The developer's machine",
  "Supply chain",
];

/** A line of docs/security.md. */
interface ChecklistLine {
  readonly group: string;
  readonly line: string;
  readonly proofs: readonly Proof[];
}

interface Proof {
  readonly file: string;
  readonly name: string;
}

async function readChecklist(): Promise<ChecklistLine[]> {
  const text = await readFile(join(projectRoot, "docs/security.md"), "utf8");
  return text.split(/^## /m).flatMap((part) => {
    const [group = "", ...lines] = part.split("\n");
    const rows = lines.filter((line) => line.startsWith("| "));
    // Behind the head and the line under it.
    return rows.slice(2).map((row) => {
      const [, line = "", proofs = ""] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
      return { group, line, proofs: proofs.split("<br>").map(readProof) };
    });
  });
}

/** @throws Error for a cell that does not name a file and a test. */
function readProof(cell: string): Proof {
  const [, file, name] = /^`([\w./-]+\.test\.tsx?)`: (.+)$/.exec(cell.trim()) ?? [];
  if (file === undefined || name === undefined) throw new Error(`This names no test: "${cell}"`);
  return { file, name };
}

/** Names of the tests that a file has, with `…` for what a table puts in. Skipped ones do not count. */
async function listTests(file: string): Promise<string[]> {
  const code = await readFile(join(projectRoot, file), "utf8");
  const plain = code.matchAll(/^ *(?:test|plainTest)\(\s*"([^"\\]*)",/gm);
  const templates = code.matchAll(/^ *(?:test|plainTest)\(\s*`([^`\\]*)`,/gm);
  return [...plain, ...templates].map(([, name = ""]) => name.replace(/\$\{[^}]*\}/g, "…"));
}

test("every line of docs/security.md names tests that exist", async () => {
  const checklist = await readChecklist();
  expect([...new Set(checklist.map(({ group }) => group))]).toEqual(groups);
  for (const { line, proofs } of checklist) {
    expect(line).not.toBe("");
    for (const { file, name } of proofs) expect(await listTests(file), file).toContain(name);
  }
});

test("every test of this folder stands behind a line of docs/security.md", async () => {
  const checklist = await readChecklist();
  const named = checklist.flatMap(({ proofs }) =>
    proofs.map(({ file, name }) => `${file}: ${name}`),
  );
  const files = (await readdir(import.meta.dirname)).filter(
    (name) => name.endsWith(".test.ts") && name !== "document.test.ts",
  );
  for (const name of files) {
    const file = `tests/security/${name}`;
    const tests = await listTests(file);
    expect(tests.length, file).toBeGreaterThan(0);
    for (const test of tests) expect(named).toContain(`${file}: ${test}`);
  }
});
