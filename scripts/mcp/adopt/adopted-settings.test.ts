import { expect, test } from "vitest";
import {
  addSettings,
  diffFile,
  listSettings,
  readPlainValues,
  removeSettings,
} from "./adopted-settings.ts";

const text = `# Ours.
encryptionsalt: v1:x
config:
  example:serverName: example # stays
  example:demoPassword:
    secure: v1:y
`;

test("settings are put in, and everything else in the file stays as it is", () => {
  const after = addSettings("prod", text, "example", {
    workersDev: true,
    adopted: { classes: ["A"] },
  });
  expect(after).toBe(`${text}  example:workersDev: true
  example:adopted:
    classes:
      - A
`);
  expect(addSettings("prod", after, "example", { workersDev: true })).toBe(after);
  expect(diffFile("prod", text, after)).toContain("+  example:workersDev: true");
  expect(diffFile("prod", text, text)).toBe("");
  expect(readPlainValues("prod", after, "example")).toEqual({
    "example:serverName": "example",
    "example:workersDev": "true",
    "example:adopted": '{"classes":["A"]}',
  });
});

test("a setting that is written without its namespace is changed where it is, and read as the project's", () => {
  const short =
    "config:\n  workersDev: false # for now\n  keys:\n    - secure: v1:x\n    - plain\n";
  const after = addSettings("prod", short, "example", { workersDev: true });
  expect(after).toBe(short.replace("false", "true"));
  expect(readPlainValues("prod", after, "example")).toEqual({ "example:workersDev": "true" });
});

test("a stack without a file gets one, and a file that is not YAML is refused", () => {
  expect(addSettings("new", "", "example", { scriptName: "parrot" })).toBe(
    "config:\n  example:scriptName: parrot\n",
  );
  expect(diffFile("new", "", "config: {}\n")).toContain("/dev/null");
  expect(() => addSettings("bad", "config: [", "example", {})).toThrow(
    /Pulumi.bad.yaml is not YAML/,
  );
});

test("what was put in is taken out, and the file is as it was before", () => {
  expect([...listSettings("prod", text, "example")]).toEqual(["serverName", "demoPassword"]);
  const after = addSettings("prod", text, "example", { workersDev: true, routes: ["a/*"] });
  expect(removeSettings("prod", after, "example", ["workersDev", "routes", "zone"])).toBe(text);
  expect(removeSettings("prod", text, "example", ["zone"])).toBe(text);
  const made = addSettings("new", "encryptionsalt: v1:x\n", "example", { scriptName: "parrot" });
  expect(removeSettings("new", made, "example", ["scriptName"])).toBe("encryptionsalt: v1:x\n");
  const alone = addSettings("new", "", "example", { scriptName: "parrot" });
  expect(removeSettings("new", alone, "example", ["scriptName"])).toBe("config: {}\n");
});
