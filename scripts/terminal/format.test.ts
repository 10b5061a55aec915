import { expect, test } from "vitest";
import { count, formatDay, formatList, formatTable, toJson, toTerminalText } from "./format.ts";

test("a client's name cannot move the cursor, break the line or turn its direction", () => {
  expect(toTerminalText("Notes\u001b[2J\r\n\u202eevil\u2028x")).toBe("Notes\u{fffd}evil\u{fffd}x");
  expect(toTerminalText("a".repeat(100))).toBe(`${"a".repeat(59)}…`);
  expect(toTerminalText("Café 東京 👋")).toBe("Café 東京 👋");
});

test("columns stand under their titles, with nothing behind the last", () => {
  expect(
    formatTable(
      ["Id", "Name"],
      [
        ["1", "Ada"],
        ["1000", "Grace H."],
      ],
    ).split("\n"),
  ).toEqual(["Id    Name", "1     Ada", "1000  Grace H."]);
});

test("a list is its rows for a program, and for a person a heading and what is under it", () => {
  const format = (rows: readonly string[]) => rows.join(" ");
  const forPerson = { isJson: false, heading: "2 grants.", format };
  expect(formatList(["a", "b"], forPerson)).toBe("2 grants.\n\na b");
  expect(formatList([], forPerson)).toBe("2 grants.");
  expect(JSON.parse(formatList(["a"], { ...forPerson, isJson: true }))).toEqual(["a"]);
  expect(formatList([], { ...forPerson, isJson: true })).toBe("[]");
});

test("days and counts are written as people read them", () => {
  expect(formatDay(1_785_283_200)).toBe("2026-07-29");
  expect([0, 1, 2].map((amount) => count(amount, "grant"))).toEqual([
    "0 grants",
    "1 grant",
    "2 grants",
  ]);
});

test("JSON says the same, with nothing in it that steers a terminal", () => {
  const name = "a\u001b[2J\u009b\u202eb\u{e0041}c 東京";
  const text = toJson({ name });
  expect(JSON.parse(text)).toEqual({ name });
  expect(text).toContain("東京");
  expect(text.replaceAll("\n", "")).not.toMatch(/\p{C}/u);
});
