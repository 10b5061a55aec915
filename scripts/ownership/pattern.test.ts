import { expect, test } from "vitest";
import { findPatternProblem, matchesPattern } from "./pattern.ts";

test("a pattern covers a file, names in one folder, or everything below a folder", () => {
  expect(matchesPattern("worker/scopes.ts", "worker/scopes.ts")).toBe(true);
  expect(matchesPattern("worker/scopes.ts", "worker/scopesxts")).toBe(false);
  expect(matchesPattern("worker/scopes.ts", "a/worker/scopes.ts")).toBe(false);
  expect(matchesPattern("Pulumi.*.yaml", "Pulumi.prod.yaml")).toBe(true);
  expect(matchesPattern("Pulumi.*.yaml", "Pulumi.yaml")).toBe(false);
  expect(matchesPattern("docs/*.png", "docs/a/b.png")).toBe(false);
  expect(matchesPattern("worker/tools/**", "worker/tools/a/b.ts")).toBe(true);
  expect(matchesPattern("worker/tools/**", "worker/tools")).toBe(false);
  expect(matchesPattern("worker/tools/**", "worker/tools-of-ours/a.ts")).toBe(false);
  // A name is only a name.
  expect(matchesPattern("docs/a(b)[c].md", "docs/a(b)[c].md")).toBe(true);
});

test("a pattern that would cover the wrong files is refused", () => {
  for (const good of ["README.md", ".upstream.json", "docs/*.png", "tests/mine/**"]) {
    expect(findPatternProblem(good), good).toBeUndefined();
  }
  for (const bad of [
    "",
    "/worker/tools/**",
    "worker\\tools",
    "worker//tools",
    "../other",
    "./worker",
    "**",
    "**/tools/a.ts",
    "worker/**/a.ts",
    "worker/**.ts",
    "worker/tools/",
  ]) {
    expect(findPatternProblem(bad), bad).toBeDefined();
  }
});
