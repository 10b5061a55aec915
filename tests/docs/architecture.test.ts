import { expect, test } from "vitest";
import { durableObjectBindings } from "../../worker/durable-objects.ts";
import {
  listBlocks,
  listFiles,
  listInlineCode,
  listTargets,
  ownership,
  parseDocument,
  readProject,
  tellCount,
} from "./documents.ts";

/** Rooms whose folders a newcomer should find. */
const rooms = ["worker", "infra", "scripts", "tests"];

const page = parseDocument("docs/architecture.md", await readProject("docs/architecture.md"));

test("docs/architecture.md has a line for every folder of ours, and for no other", async () => {
  const folders = new Set<string>();
  for (const file of (await listFiles()).filter((path) => !ownership.isTheirs(path))) {
    const [room = "", ...names] = file.split("/");
    if (!rooms.includes(room)) continue;
    // A room with files of its own is a folder too.
    const [folder] = names;
    if (names.length > 1) folders.add(`${room}/${folder}`);
    else if (!file.includes(".test.")) folders.add(room);
  }
  const lines = listTargets(page)
    .map(({ value }) => value)
    .filter((value) => !value.endsWith(".md"))
    .filter((value) => rooms.some((room) => new RegExp(`^\\.\\./${room}(/|$)`).test(value)))
    .map((value) => value.replace("../", ""))
    // A person may have emptied a folder of theirs.
    .filter((value) => !ownership.isTheirs(`${value}/any`));
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

test("every file in a diagram is there, and every Durable Object class is on the page", async () => {
  const files = await listFiles();
  const labels = listBlocks(page).flatMap(({ value }) =>
    value.language === "mermaid" ? [...value.text.matchAll(/\["([^"]+)"/g)] : [],
  );
  const named = labels.flatMap(([, label = ""]) => label.match(/[\w-]+(?:\.ts|\/)/g) ?? []);
  expect(named.length).toBeGreaterThan(6);
  for (const name of named) {
    const isThere = files.some((file) =>
      `${file}/`.includes(`worker/${name.replace(/^worker\//, "")}`),
    );
    expect(isThere, name).toBe(true);
  }
  const written = listInlineCode(page).map(({ value }) => value);
  const classes = Object.values(durableObjectBindings);
  for (const name of classes) expect(written).toContain(name);
  const text = labels.map(([, label = ""]) => label.replace(/<br>.*/, ""));
  const inDiagram = text.filter((label) => /^[A-Z][a-z]+[A-Z]?[a-z]+$/.test(label));
  expect(inDiagram.length).toBe(4);
  for (const name of inDiagram) expect(classes).toContain(name);
});
