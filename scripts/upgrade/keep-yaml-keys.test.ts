import { expect, test } from "vitest";
import { keepYamlKeys } from "./keep-yaml-keys.ts";

const keys = ["name", "description"];

test("the person's values stand in upstream's text, and everything else of it stays", () => {
  const upstream =
    "# A project\nname: server # ours\ndescription: A server\n\n# Settings\nconfig: {}\n";
  expect(keepYamlKeys(upstream, "name: orders\ndescription: 'All orders'\n", keys)).toBe(
    "# A project\nname: orders\ndescription: 'All orders'\n\n# Settings\nconfig: {}\n",
  );
  const long = "description: |\n  All\n  orders\nname: orders # mine\nconfig:\n  name: no\n";
  expect(keepYamlKeys(upstream, long, keys)).toBe(
    "# A project\nname: orders # mine\ndescription: |\n  All\n  orders\n\n# Settings\nconfig: {}\n",
  );
});

test("what one of them has not is taken out or added", () => {
  expect(keepYamlKeys("name: a\ndescription: b\nmain: c\n", "name: d\n", keys)).toBe(
    "name: d\nmain: c\n",
  );
  expect(keepYamlKeys("name: a\n", "name: b\ndescription: c\n", keys)).toBe(
    "description: c\nname: b\n",
  );
});
