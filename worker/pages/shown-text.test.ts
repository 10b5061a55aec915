import { expect, test } from "vitest";
import { mixesAlphabets, toShownName, toShownPerson, toShownText } from "./shown-text.ts";

test.each([
  ["Claude", "Claude"],
  ["  two\n lines\tand  more ", "two lines and more"],
  ["\u202Emoc.live\u202C safe", "moc.live safe"],
  ["a\u0000\u001B[31mb\u007F", "a[31mb"],
  ["zero\u200Bwidth\u2060\uFEFF", "zerowidth"],
  ["line\u2028break\u2029here", "line break here"],
  ["\u115F\u3164\u2800", ""],
  ["e\u0301\u0302\u0303\u0304\u0305", "\u00E9\u0302\u0303"],
  ["\uD800lone", "lone"],
  ["<b>&amp;</b>", "<b>&amp;</b>"],
  ["日本語 العربية Ελλάδα", "日本語 العربية Ελλάδα"],
])("%j is shown as %j", (text, shown) => {
  expect(toShownText(text)).toBe(shown);
});

test("a long name is cut where a reader sees it, between characters", () => {
  expect(toShownText("x".repeat(60))).toBe("x".repeat(60));
  expect(toShownText("x".repeat(61))).toBe(`${"x".repeat(60)}…`);
  expect(toShownText("😀".repeat(100_000))).toBe(`${"😀".repeat(60)}…`);
});

test("a client whose name shows nothing is called by its id", () => {
  expect(toShownName("\u200B\u202E", "abc")).toBe("abc");
  expect(toShownName("Claude", "abc")).toBe("Claude");
});

test("a person is called by their address, then by their name, then by their subject", () => {
  const person = { method: "oidc", issuer: "https://idp.example", subject: "1" };
  expect(toShownPerson({ ...person, email: "ada@example.com", name: "ada" })).toBe(
    "ada@example.com",
  );
  expect(toShownPerson({ ...person, name: "ada\u202E" })).toBe("ada");
  expect(toShownPerson(person)).toBe("1");
});

test.each([
  ["Сlaude", true], // A Cyrillic Es.
  ["Claudе Desktop", true], // A Cyrillic Ie.
  ["Gοogle", true], // A Greek omicron.
  ["Claude Desktop 2", false],
  ["Яндекс Browser", false],
  ["Ελλάδα tools", false],
  ["日本語 tools", false],
])("whether %j mixes alphabets in a word: %s", (name, mixes) => {
  expect(mixesAlphabets(name)).toBe(mixes);
});
