import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { durableObjectHistory } from "../../worker/durable-objects.ts";

test("a step that the document shows can be added as it is: its tag is free", async () => {
  const document = await readFile(join(projectRoot, "docs/deploy.md"), "utf8");
  const shown = [...document.matchAll(/^\{ tag: "([^"]+)"/gm)].map(([, tag]) => tag);
  expect(shown).toHaveLength(2);
  const taken = durableObjectHistory.map(({ tag }) => tag);
  expect(shown.filter((tag) => tag !== undefined && taken.includes(tag))).toEqual([]);
});
