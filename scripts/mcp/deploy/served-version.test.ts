import { expect, test } from "vitest";
import type { Asker } from "../../../infra/ask-cloudflare.ts";
import { findDeployed } from "./served-version.ts";

/** A Worker of which each look names the next of these versions. */
function toWorker(...versions: readonly string[]) {
  const rest = [...versions];
  const asker = { look: async () => rest.shift() } as unknown as Asker;
  return { asker, accountId: "a", scriptName: "example" };
}

test("after an upload, a list that still names the version of before is asked again", async () => {
  const find = (uploads: boolean, ...versions: string[]) =>
    findDeployed({ worker: toWorker(...versions), uploads }, "old");
  expect(await find(true, "old", "new", "another")).toBe("new");
  expect(await find(true, "new", "another")).toBe("new");
  // No new one is to come.
  expect(await find(false, "old", "another")).toBe("old");
});
