import { expect, test } from "vitest";
import { takeArguments, takePromptArguments } from "./options.ts";

test("arguments are a JSON object", () => {
  expect(takeArguments('{"a": [1, null]}')).toEqual({ a: [1, null] });
  for (const text of ["", "{a: 1}", "'{}'", "[]", "null", "1", '"a"']) {
    expect(() => takeArguments(text), text).toThrow(/^It is not JSON: |^It must be a JSON object/);
  }
});

test("arguments of a prompt are texts, and a number counts as one", () => {
  expect(takePromptArguments('{"a": "x", "b": 2, "c": true}')).toEqual({
    a: "x",
    b: "2",
    c: "true",
  });
  expect(() => takePromptArguments('{"a": []}')).toThrow("a is not");
  expect(() => takePromptArguments('{"a": null}')).toThrow("a is not");
});
