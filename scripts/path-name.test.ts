import { join, normalize, win32 } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sample } from "../tests/support/sample.ts";
import { checkPathName, findNameFault } from "./path-name.ts";

test.each([
  "",
  ".",
  "..",
  "../../docs",
  "a/b",
  "a\\b",
  "/etc",
  "C:",
  "~",
  "-s",
  ".hidden",
  "a.",
  "a\u0000b",
  "a\nb",
  "a b",
  "nul",
  "Con.yaml",
  "com1",
  "x".repeat(101),
])("%j becomes no path", (name) => {
  expect(() => checkPathName("--stack", name)).toThrow(/^--stack: ".*" cannot be used/);
});

test.each(["dev", "prod", "pr-12", "Team_2.eu", "roll-dice", "console", "0"])(
  "%j may become a path",
  (name) => {
    expect(checkPathName("--stack", name)).toBe(name);
  },
);

test("whatever passes stays one part of the path, on every system", () => {
  const parts = fc.constantFrom("a", "Z", "0", ".", "..", "/", "\\", "-", "_", "~", ":", "%", " ");
  const name = fc.oneof(
    fc.string(),
    fc.array(parts).map((all) => all.join("")),
  );
  fc.assert(
    fc.property(name, (given) => {
      if (findNameFault(given) !== undefined) return;
      expect(normalize(join("/data", given))).toBe(`/data/${given}`);
      expect(win32.normalize(win32.join("C:\\data", given))).toBe(`C:\\data\\${given}`);
    }),
    { numRuns: sample(300, 20_000) },
  );
});
