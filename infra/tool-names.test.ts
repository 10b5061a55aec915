import { expect, test } from "vitest";
import { checkToolNames } from "./tool-names.ts";

test("former names are taken where each belongs to one tool", () => {
  const tools = [{ name: "sum", replaces: ["plus", "total"] }, { name: "subtract" }];
  expect(() => checkToolNames(tools, ["minus"])).not.toThrow();
});

test.each([
  ["a tool's own", [{ name: "sum", replaces: ["sum"] }], []],
  ["another tool's", [{ name: "sum" }, { name: "subtract", replaces: ["sum"] }], []],
  [
    "replaced twice",
    [
      { name: "x", replaces: ["sum"] },
      { name: "y", replaces: ["sum"] },
    ],
    [],
  ],
  ["there and removed", [{ name: "sum" }], ["sum"]],
  ["of two tools", [{ name: "sum" }, { name: "sum" }], []],
])("a name that is %s is refused, and named", (_what, tools, removed) => {
  expect(() => checkToolNames(tools, removed)).toThrow(/names of the tools.*"sum"/s);
});
