import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { projectRoot } from "./bundle.ts";
import { readSettings, settingsSchema } from "./settings.ts";

const project = "remote-mcp-server";

function read(settings: Record<string, string>) {
  const entries = Object.entries(settings).map(([key, value]) => [`${project}:${key}`, value]);
  return readSettings(project, { ...Object.fromEntries(entries), "other:key": "is ignored" });
}

test("an empty stack is a development stack with the demo sign-in", () => {
  expect(read({})).toMatchObject({ environment: "development", identityMethod: "demo" });
});

test("values come as strings and are read as what they are", () => {
  expect(
    read({
      workersDev: "false",
      publicUrl: "https://math.example.com",
      accessTokenLifetime: "600",
      allowedOrigins: '["app.example.com"]',
      scriptName: "",
    }),
  ).toMatchObject({
    workersDev: false,
    accessTokenLifetime: 600,
    allowedOrigins: ["app.example.com"],
  });
});

test("all problems are told in one go, each with the setting, the reason and an example", () => {
  expect(() =>
    read({ environment: "prod", accessTokenLifetime: "5", scriptName: "-x", acountId: "1" }),
  ).toThrowError(
    /environment: .*Example: production[\s\S]*accessTokenLifetime: .*>=60.*Example: 3600[\s\S]*acountId: there is no such setting/,
  );
});

test("a production stack refuses a sign-in that checks nothing", () => {
  expect(() => read({ environment: "production" })).toThrowError(/identityMethod: "demo"/);
});

test.each([
  "http://math.example.com",
  "https://math.example.com/",
  "https://math.example.com/mcp",
  "https://a@math.example.com",
  "math.example.com",
])("publicUrl refuses %s", (publicUrl) => {
  expect(() => read({ publicUrl })).toThrowError(/publicUrl: /);
});

test.each(["http://localhost:8787", "http://127.0.0.1:1", "http://[::1]:2", "https://x.example"])(
  "publicUrl takes %s",
  (publicUrl) => {
    expect(read({ publicUrl }).publicUrl).toBe(publicUrl);
  },
);

test("a stack without any address is refused", () => {
  expect(() => read({ workersDev: "false" })).toThrowError(/workersDev: .*Set publicUrl/);
});

test("Pulumi.yaml declares every setting with the same description and default", async () => {
  const file = parse(await readFile(join(projectRoot, "Pulumi.yaml"), "utf8")) as {
    config: Record<string, { description?: string; default?: unknown }>;
  };
  const declared = Object.entries(file.config).filter(([key]) => !key.includes(":"));
  const expected = Object.entries(settingsSchema.shape).map(([key, field]) => {
    const { success, data } = field.safeParse(undefined);
    const fallback = success && data !== undefined ? data : "";
    return [key, z.globalRegistry.get(field)?.description, fallback];
  });
  expect(declared.map(([key, entry]) => [key, entry.description, entry.default])).toEqual(expected);
});
