import { parse } from "jsonc-parser";
import { expect, test } from "vitest";
import { addBeside, removeBeside } from "./beside.ts";
import { EditFault } from "./document.ts";

const element = { id: "example-token", type: "promptString" };
const beside = { list: "inputs", element };

const texts = [
  '{\n  "servers": {}\n}\n',
  '{\n\t// mine\n\t"inputs": [\n\t\t{ "id": "other" } // keep\n\t],\n\t"servers": {},\n}\n',
  '{\n  "inputs": [],\n  "servers": {}\n}\n',
  '{"servers":{}}',
  '{\r\n  "servers": {}\r\n}\r\n',
];

test("an element is added to the list once, and everything else stays", () => {
  for (const text of texts) {
    const added = addBeside(text, beside);
    const [before, after] = [parse(text), parse(added)];
    expect(after).toEqual({ ...before, inputs: [...(before.inputs ?? []), element] });
    for (const comment of text.match(/\/\/.*/g) ?? []) expect(added).toContain(comment);
    expect(added.includes("\r\n")).toBe(text.includes("\r\n"));
    expect(addBeside(added, beside)).toBe(added);
    expect(addBeside(text, undefined)).toBe(text);
  }
});

test("it goes again, and only while it says what it said", () => {
  for (const text of texts) {
    const { inputs, ...rest } = parse(text);
    const kept = inputs?.length ? { inputs } : {};
    expect(parse(removeBeside(addBeside(text, beside), beside))).toEqual({ ...rest, ...kept });
    expect(removeBeside(text, beside)).toBe(text);
    const edited = addBeside(text, beside).replace("promptString", "pickString");
    expect(removeBeside(edited, beside)).toBe(edited);
  }
});

test("where the list is something else, the file is left alone", () => {
  expect(() => addBeside('{"inputs": {}}', beside)).toThrow(EditFault);
});
