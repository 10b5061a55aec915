import { expect, test } from "vitest";
import { toFileName, toShortName, withoutStack } from "./short-name.ts";

test("a stack's short name is the last part of what the CLI takes", () => {
  for (const name of ["prod", "acme/prod", "organization/remote-mcp-server/prod"]) {
    expect(toShortName(name)).toBe("prod");
  }
});

test("a stack is left out of a list that names it without its organization, and another's is not", () => {
  expect(withoutStack(["dev", "prod", "other/prod"], "prod")).toEqual(["dev", "other/prod"]);
  expect(withoutStack(["dev", "prod", "other/prod"], "acme/prod")).toEqual(["dev", "other/prod"]);
  expect(withoutStack(["dev", "acme/prod"], "acme/example/prod")).toEqual(["dev"]);
  expect(withoutStack(["prod", "other/prod"], "other/prod")).toEqual(["prod"]);
});

test.each(["..", "acme/..", "acme/", ".", ""])("no file is called %j", (name) => {
  expect(() => toFileName(name)).toThrow(/^--stack: /);
});
