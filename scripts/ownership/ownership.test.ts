import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { makeTempFolder } from "../../tests/support/temp-folder.ts";
import { ownershipFile, parseOwnership, readOwnership } from "./ownership.ts";

test("this repository says whose each file is", () => {
  const ownership = readOwnership(projectRoot);
  for (const path of [
    "worker/tools/orders.ts",
    "worker/tools/orders/parse.test.ts",
    "worker/resources/index.ts",
    "worker/prompts/index.ts",
    "worker/scopes.ts",
    "worker/pages/icon.svg",
    "tests/mine/login.test.ts",
    "docs/server/tools.md",
    "Pulumi.dev.yaml",
    "README.md",
    "LICENSE",
    ".upstream.json",
  ]) {
    expect(ownership.isTheirs(path), path).toBe(true);
    expect(ownership.isOurs(path), path).toBe(false);
  }
  for (const path of [
    "worker/features.ts",
    "worker/kit/index.ts",
    "worker/pages/home.tsx",
    "worker/durable-objects.ts",
    "infra/settings.ts",
    "docs/deploy.md",
    "tests/clients/modern.test.ts",
    ".github/workflows/ci.yml",
    "CONTRIBUTING.md",
    ownershipFile,
  ]) {
    expect(ownership.isTheirs(path), path).toBe(false);
    expect(ownership.isOurs(path), path).toBe(true);
  }
  expect(ownership.isOurs("package.json")).toBe(false);
  expect(ownership.isTheirs("package.json")).toBe(false);
  expect(ownership.listTheirKeys("package.json")).toContain("name");
  expect(ownership.listTheirKeys("Pulumi.yaml")).toEqual(["name", "description"]);
  expect(ownership.listTheirKeys("constructor")).toBeUndefined();
  expect(ownership.tellCommand("package-lock.json")).toBe("npm install --package-lock-only");
  expect(ownership.tellCommand("docs/server/tools.md")).toBe("npm run docs");
  expect(ownership.tellCommand("docs/tools.md")).toBeUndefined();
});

const good = { theirs: ["mine/**"], byKey: {}, regenerated: {}, starts: { "mine/a.ts": "" } };

test("a file that does not say it is refused with the place", () => {
  expect(parseOwnership(JSON.stringify(good)).starts).toEqual({ "mine/a.ts": "" });
  const refuse = (change: object) => () => parseOwnership(JSON.stringify({ ...good, ...change }));
  expect(() => parseOwnership("{")).toThrow(/ownership\.json is not JSON/);
  expect(refuse({ theirs: ["/mine"] })).toThrow(/from the top of the repository[\s\S]*theirs\[0\]/);
  expect(refuse({ their: [] })).toThrow(/"their"/);
  expect(refuse({ regenerated: { a: "rm -rf ." } })).toThrow(/regenerated/);
  expect(refuse({ starts: { "ours/a.ts": "" } })).toThrow(/starts has .* ours\/a\.ts/);
});

test("where the file is missing, the error says how to get it back", async () => {
  await using folder = await makeTempFolder();
  expect(() => readOwnership(folder.path)).toThrow(/git checkout HEAD -- ownership\.json/);
});
