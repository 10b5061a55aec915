import { expect, test } from "vitest";
import { resourceType } from "../../../infra/resource-types.ts";
import { UserError } from "../../errors.ts";
import { NoSuchStack } from "../stack/cli.ts";
import type { StateResource } from "../stack/state.ts";
import { readOthers, refuseOwner } from "./open-stack.ts";

const secret = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "v1:x",
};
const toWorker = (scriptName: unknown): StateResource => ({
  urn: `urn:pulumi:prod::example::${resourceType.worker}::worker`,
  type: resourceType.worker,
  id: "parrot",
  inputs: { scriptName },
});

test.each([
  ["in clear", "parrot"],
  ["encrypted", secret],
  ["masked", "[secret]"],
  ["missing", undefined],
])("one Worker is not taken twice where the other state has its name %s", (_, scriptName) => {
  const other = { name: "prod", resources: [toWorker(scriptName)] };
  expect(() => refuseOwner(other, "parrot")).toThrow('belongs to the stack "prod"');
  expect(() => refuseOwner(other, "else")).not.toThrow();
});

test("a stack whose state cannot be read is named, because it may have the Worker; one that is gone has nothing", async () => {
  const read = async (name: string) => {
    if (name === "gone") throw new NoSuchStack(name);
    if (name === "broken") throw new UserError("The state has a strange form.");
    return [toWorker("parrot")];
  };
  expect((await readOthers(["prod", "gone"], read)).map(({ name }) => name)).toEqual(["prod"]);
  await expect(readOthers(["prod", "broken"], read)).rejects.toThrow(
    /^--stack: what the stack "broken" .* nothing was taken.*strange form/,
  );
});
