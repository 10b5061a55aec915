import { expect, test } from "vitest";
import { toFileName, toShortName } from "./short-name.ts";

test("a stack's short name is the last part of what the CLI takes", () => {
  for (const name of ["prod", "acme/prod", "organization/remote-mcp-server/prod"]) {
    expect(toShortName(name)).toBe("prod");
  }
});

test.each(["..", "acme/..", "acme/", ".", ""])("no file is called %j", (name) => {
  expect(() => toFileName(name)).toThrow(/^--stack: /);
});
