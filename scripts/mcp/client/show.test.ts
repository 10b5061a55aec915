import { expect, test } from "vitest";
import { formatAnswer, formatContents } from "./show.ts";

test("blocks are shown as text, and what is not text by its kind and size", () => {
  const uri = "demo://a";
  expect(
    formatAnswer({
      content: [
        { type: "text", text: "one\ntwo" },
        { type: "image", mimeType: "image/png", data: "AAAA" },
        { type: "resource_link", uri, name: "a", title: "A" },
        { type: "resource", resource: { uri, text: "inside" } },
      ],
      structuredContent: { not: "shown" },
    }).split("\n"),
  ).toEqual(["one", "two", "[image/png, 3 bytes]", "[A: demo://a]", "inside"]);
  expect(formatContents({ uri, mimeType: "image/png", blob: "AAAA" })).toBe(
    "[demo://a: image/png, 3 bytes]",
  );
});

test("an answer without text is shown as its JSON", () => {
  expect(formatAnswer({ content: [], structuredContent: { sum: 3 } })).toBe('{\n  "sum": 3\n}');
});

test("no server steers the terminal", () => {
  const evil = "a\u001b[2J\u202eb";
  expect(formatAnswer({ content: [{ type: "text", text: evil }] })).toBe("a\u{fffd}b");
  expect(formatContents({ uri: evil, blob: "" })).not.toMatch(/\p{C}/u);
});
