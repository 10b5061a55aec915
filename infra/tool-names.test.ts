import { expect, test } from "vitest";
import { checkToolNames } from "./tool-names.ts";

test("former names are taken where each belongs to one tool", () => {
  const tools = [{ name: "add", replaces: ["plus", "sum"] }, { name: "subtract" }];
  expect(() => checkToolNames(tools, ["minus"])).not.toThrow();
});

test.each([
  ["a tool's own", [{ name: "add", replaces: ["add"] }], []],
  ["another tool's", [{ name: "add" }, { name: "subtract", replaces: ["add"] }], []],
  [
    "replaced twice",
    [
      { name: "x", replaces: ["add"] },
      { name: "y", replaces: ["add"] },
    ],
    [],
  ],
  ["there and removed", [{ name: "add" }], ["add"]],
  ["of two tools", [{ name: "add" }, { name: "add" }], []],
])("a name that is %s is refused, and named", (_what, tools, removed) => {
  expect(() => checkToolNames(tools, removed)).toThrow(/names of the tools.*"add"/s);
});
