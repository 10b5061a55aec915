import { expect, test } from "vitest";
import {
  listBlocks,
  listFiles,
  listTargets,
  parseDocument,
  readProject,
  tellCount,
} from "./documents.ts";

/** Rooms whose folders a newcomer should find. */
const rooms = ["worker", "infra", "scripts", "tests"];

const page = parseDocument("docs/architecture.md", await readProject("docs/architecture.md"));

test("docs/architecture.md has a line for every folder, and for no other", async () => {
  const folders = new Set<string>();
  for (const file of await listFiles()) {
    const [room = "", ...names] = file.split("/");
    if (!rooms.includes(room)) continue;
    // A room with files of its own is a folder too.
    const [folder] = names;
    if (names.length > 1) folders.add(`${room}/${folder}`);
    else if (!file.includes(".test.")) folders.add(room);
  }
  const lines = listTargets(page)
    .map(({ value }) => value)
    .filter((value) => rooms.some((room) => new RegExp(`^\\.\\./${room}(/|$)`).test(value)))
    .map((value) => value.replace("../", ""));
  expect(lines.sort()).toEqual([...folders].sort());
  tellCount("folders in docs/architecture.md", lines.length);
});

test("it has two diagrams at most, of the kinds that GitHub draws", () => {
  const diagrams = listBlocks(page).filter(({ value }) => value.language === "mermaid");
  expect(diagrams.map(({ value }) => value.text.split(/\s/)[0])).toEqual([
    "flowchart",
    "sequenceDiagram",
  ]);
});

test("every file and class in a diagram is there", async () => {
  const files = await listFiles();
  const text = listBlocks(page)
    .filter(({ value }) => value.language === "mermaid")
    .map(({ value }) => value.text)
    .join("\n");
  for (const [, name = ""] of text.matchAll(/\["(?:\w+\/: )?([\w.]+\/?)/g)) {
    if (!/\.ts$|\/$/.test(name)) continue;
    expect(
      files.some((file) => file.startsWith(`worker/${name}`)),
      name,
    ).toBe(true);
  }
  const classes = await readProject("worker/durable-objects.ts");
  const named = text.match(/\b(?:TokenGate|McpSession|PersonState)\b/g) ?? [];
  expect(new Set(named).size).toBe(3);
  for (const name of new Set(named)) expect(classes).toContain(`"${name}"`);
});
