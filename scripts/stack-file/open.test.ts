import { expect, test } from "vitest";
import { addSettings, readPlainValues } from "../mcp/adopt/adopted-settings.ts";
import { openStackFile } from "./open.ts";
import { readStackFile } from "./read.ts";

/** Words that a library writes anew from their value, each as the Pulumi CLI takes for something else. */
const words = [
  ...["010", "0o17", "0x1F", "0b11", "1_000", "9007199254740993", "18446744073709551615", "1e3"],
  ...["12345678901234567890123456789012", "1.0", "1.10", "-0", "+5", ".5", "3.", "1e400", "08"],
  ...["2026-07-01", "2026-07-01T10:00:00Z", "10.0.0.1", "190:20:30", "True", "FALSE", "~", "Null"],
  ...["yes", "off", "a b # c", "'it''s'", '"ü"', "[ 010, { a: 0x1F, 1: 1.0 } ]", "!!str 010"],
];
const file = `# ours\nconfig:\n${words.map((word, index) => `  key${index}: ${word}\n`).join("")}`;

test("a settings file that is changed keeps every other word as it was written", () => {
  const changed = addSettings("prod", file, "example", { workersDev: true, key0: 5, key1: "010" });
  const lines = file.split("\n");
  lines[2] = "  key0: 5";
  lines[3] = '  key1: "010"';
  lines.splice(-1, 0, "  example:workersDev: true");
  expect(changed).toBe(lines.join("\n"));
  const {
    "example:key0": _,
    "example:key1": text,
    ...others
  } = readPlainValues("prod", changed, "example");
  expect(text).toBe("010");
  expect({ ...readPlainValues("prod", file, "example"), ...others }).toEqual({
    ...others,
    "example:key0": "8",
    "example:key1": "15",
  });
});

test("a date and a number that are put in as texts stay texts", () => {
  const changed = addSettings("prod", "", "example", {
    compatibilityDate: "2026-07-01",
    id: "010",
  });
  expect(readPlainValues("prod", changed, "example")).toEqual({
    "example:compatibilityDate": "2026-07-01",
    "example:id": "010",
  });
});

test.each([
  "\ufeffconfig:\n  a: 010\n---\nconfig: { a: 2 }\n",
  "config:\n  a: 010\n...\n%YAML 1.2\n---\n# of another tool\n'a' :  1\n",
  "---\nconfig:\n  a: 010\n---\n",
])("of a file with more than a page, %j, the first is changed and the others stay", (text) => {
  expect(openStackFile(text, "Pulumi.prod.yaml").print()).toBe(text);
  const changed = addSettings("prod", text, "example", { workersDev: true });
  expect(changed).toBe(text.replace("a: 010\n", "a: 010\n  example:workersDev: true\n"));
});

test("environments of Pulumi ESC are passed over, and a setting in their place is refused", () => {
  const read = (text: string) => readStackFile(text, "Pulumi.prod.yaml", "example");
  for (const environment of ["[ base, { other: { merge: false } } ]", "{ values: { a: 1 } }"]) {
    const text = `environment: ${environment}\nconfig:\n  a: x\n`;
    expect([...read(text)]).toEqual([["example:a", "x"]]);
    expect(openStackFile(text, "Pulumi.prod.yaml").print()).toBe(text);
  }
  expect(() => read("environment: production\n")).toThrow(/Pulumi ESC.*example:environment/);
});
