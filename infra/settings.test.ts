import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { projectRoot } from "./bundle.ts";
import { secretSettings, settingsSchema } from "./settings.ts";

interface Declaration {
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

async function readDeclarations(): Promise<[string, Declaration][]> {
  const file = parse(await readFile(join(projectRoot, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, Declaration>;
  };
  return Object.entries(file.config).filter(([key]) => !key.includes(":"));
}

test("Pulumi.yaml declares every plain setting with the same description and default", async () => {
  const declared = (await readDeclarations()).filter(([, { secret }]) => secret !== true);
  const expected = Object.entries(settingsSchema.shape).map(([key, field]) => {
    const { success, data } = field.safeParse(undefined);
    const fallback = success && data !== undefined ? data : "";
    return [key, z.globalRegistry.get(field)?.description, JSON.stringify(fallback)];
  });
  const found = declared.map(([key, { description, default: value }]) => [
    key,
    description,
    // Pulumi has no type for a fraction, so that one is a string there.
    key === "observabilitySampling" ? String(value) : JSON.stringify(value),
  ]);
  expect(found).toEqual(expected);
});

test("Pulumi.yaml declares every secret setting as secret", async () => {
  const declared = (await readDeclarations()).filter(([, { secret }]) => secret === true);
  expect(declared.map(([key, { description }]) => [key, description])).toEqual(
    Object.entries(secretSettings).map(([key, { description }]) => [key, description]),
  );
});

test("every plain setting has a description and an example", () => {
  for (const [name, field] of Object.entries(settingsSchema.shape)) {
    const meta = z.globalRegistry.get(field);
    expect(meta?.description, name).toMatch(/^[A-Z].*\.$/);
    expect(meta?.example, name).toBeTypeOf("string");
  }
});

test("every example is a value that the setting takes", () => {
  for (const [name, field] of Object.entries(settingsSchema.shape)) {
    const example = String(z.globalRegistry.get(field)?.example);
    const value: unknown = /^[[{]/.test(example) ? JSON.parse(example) : example;
    expect(field.safeParse(value).success, name).toBe(true);
  }
});

test("every setting that a page of the documentation sets exists", async () => {
  const ofTheExample = ["weatherApiKey", "weatherUnits", "billingWorker", "cloudflare:apiToken"];
  const known = [
    ...Object.keys(settingsSchema.shape),
    ...Object.keys(secretSettings),
    ...ofTheExample,
  ];
  for (const page of ["docs/deploy.md"]) {
    const text = await readFile(join(projectRoot, page), "utf8");
    const set = text.matchAll(/config (?:set|rm) (?:-s [\w<>]+ )?(?:--secret |--path ')?([\w:]+)/g);
    const names = [...set].map(([, name = ""]) => name);
    expect(
      names.filter((name) => !known.includes(name)),
      page,
    ).toEqual([]);
  }
});
