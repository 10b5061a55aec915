import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { secretSettings, settingsSchema } from "../../infra/settings.ts";
import { callbackPath } from "../../worker/identity/callback-url.ts";

test("the recipes of docs/identity.md set what there is to set, and secrets as secrets", async () => {
  const text = await readFile(join(projectRoot, "docs/identity.md"), "utf8");
  const command =
    /pulumi config set -s \S+ (?:--plaintext )?(--secret |--path ')?([a-zA-Z]+)((?:\[[^\]]+\]|\.\w+)+')?/g;
  const lines = [...text.matchAll(command)];
  expect(lines.length).toBeGreaterThan(15);
  for (const [line, option, name = "", index] of lines) {
    const known: object = option === "--secret " ? secretSettings : settingsSchema.shape;
    expect(Object.keys(known), line).toContain(name);
    expect(index !== undefined, line).toBe(option === "--path '");
  }
  expect(text).toContain(`<origin>${callbackPath} `);
});
