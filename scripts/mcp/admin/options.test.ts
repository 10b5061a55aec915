import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test.each(["abc", "-abc", "--abc", "-", "-x:y"])("the id %s is taken as it was copied", (id) => {
  for (const args of [
    ["revoke", "--client", id, "--yes"],
    ["--yes", "revoke", `--client=${id}`],
  ]) {
    const { name, options } = parseOptions(args, "help");
    expect({ name, client: options.client, yes: options.yes }).toEqual({
      name: "revoke",
      client: id,
      yes: true,
    });
  }
});

test("an option is no id, and an id that is missing is told", () => {
  expect(() => parseOptions(["revoke", "--client", "--yes"], "help")).toThrowError(/--client/);
  expect(() => parseOptions(["revoke", "--client"], "help")).toThrowError(/--client/);
});
