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
  math:serverName: math # stays
  math:demoPassword:
    secure: v1:y
`;

test("settings are put in, and everything else in the file stays as it is", () => {
  const after = addSettings("prod", text, "math", {
    workersDev: true,
    adopted: { classes: ["A"] },
  });
  expect(after).toBe(`${text}  math:workersDev: true
  math:adopted:
    classes:
      - A
`);
  expect(addSettings("prod", after, "math", { workersDev: true })).toBe(after);
  expect(diffFile("prod", text, after)).toContain("+  math:workersDev: true");
  expect(diffFile("prod", text, text)).toBe("");
  expect(readPlainValues("prod", after, "math")).toEqual({
    "math:serverName": "math",
    "math:workersDev": "true",
    "math:adopted": '{"classes":["A"]}',
  });
});

test("a setting that is written without its namespace is changed where it is, and read as the project's", () => {
  const short =
    "config:\n  workersDev: false # for now\n  keys:\n    - secure: v1:x\n    - plain\n";
  const after = addSettings("prod", short, "math", { workersDev: true });
  expect(after).toBe(short.replace("false", "true"));
  expect(readPlainValues("prod", after, "math")).toEqual({ "math:workersDev": "true" });
});

test("a stack without a file gets one, and a file that is not YAML is refused", () => {
  expect(addSettings("new", "", "math", { scriptName: "parrot" })).toBe(
    "config:\n  math:scriptName: parrot\n",
  );
  expect(diffFile("new", "", "config: {}\n")).toContain("/dev/null");
  expect(() => addSettings("bad", "config: [", "math", {})).toThrow(/Pulumi.bad.yaml is not YAML/);
});

test("what was put in is taken out, and the file is as it was before", () => {
  expect([...listSettings("prod", text, "math")]).toEqual(["serverName", "demoPassword"]);
  const after = addSettings("prod", text, "math", { workersDev: true, routes: ["a/*"] });
  expect(removeSettings("prod", after, "math", ["workersDev", "routes", "zone"])).toBe(text);
  expect(removeSettings("prod", text, "math", ["zone"])).toBe(text);
  const made = addSettings("new", "encryptionsalt: v1:x\n", "math", { scriptName: "parrot" });
  expect(removeSettings("new", made, "math", ["scriptName"])).toBe("encryptionsalt: v1:x\n");
  const alone = addSettings("new", "", "math", { scriptName: "parrot" });
  expect(removeSettings("new", alone, "math", ["scriptName"])).toBe("config: {}\n");
});
