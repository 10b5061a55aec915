import { expect, test } from "vitest";
import type { VersionNotes } from "../../../infra/deployed-worker.ts";
import { readRealState } from "../../../tests/traffic/real-state.ts";
import { UserError } from "../../errors.ts";
import { readDeclared } from "../stack/declared.ts";
import type { Explorer } from "../stack/explore.ts";
import type { StateResource } from "../stack/state.ts";
import type { Live } from "./live.ts";
import { lookForOrphans, type ReadStack, readStacks } from "./look-for-orphans.ts";

/** An account whose Workers are these, each uploaded by a stack. */
const live = (workers: readonly string[]): Live => ({
  worker: undefined,
  workers,
  domains: [],
  routes: new Map(),
  otherZones: { found: [] },
  namespaces: { found: [] },
  databases: { found: [] },
  buckets: { found: [] },
  access: { notChecked: "the token may not" },
});
const message = "Pulumi stack elsewhere, version 1.0.0";
const versions: VersionNotes[] = [{ id: "1", message, source: undefined }];
const explorer: Explorer = {
  accountId: "account",
  ask: () => Promise.reject(new Error("Nothing else is asked.")),
  find: () => Promise.reject(new Error("Nothing else is asked.")),
  look: () => Promise.reject(new Error("Nothing else is asked.")),
  seek: async <Answer>() => ({ found: versions as Answer }),
};
const none = readDeclared([]);

/** Looks while the stacks before and after the look at the account are these. */
async function look(workers: readonly string[], before: readonly ReadStack[], after: string[]) {
  const stack = { name: "prod", project: "example" };
  const parts = { stack, declared: none, others: before, live: live(workers), explorer };
  const { orphans, notChecked } = await lookForOrphans(
    { ...parts, ignored: [] },
    {
      listStacks: async () => after,
      readStacks: async (names) => names.map((name) => ({ name, read: none })),
    },
  );
  return {
    orphans: orphans.map(({ what, found }) => `${what}: ${found}`),
    notChecked: notChecked.map(({ what }) => what),
  };
}

test("a preview that comes or goes while the account is looked at is not an orphan; what is left is told with whoever uploaded it", async () => {
  const unread = (name: string): ReadStack => ({ name, read: "there is no such stack" });
  // A stack of another organization is listed with its name.
  for (const name of ["pr-7", "acme/pr-7"]) {
    expect(await look(["example-pr-7"], [], ["prod", name])).toEqual({
      orphans: [],
      notChecked: [],
    });
  }
  expect(await look(["example-pr-7"], [unread("pr-7")], ["prod"])).toEqual({
    orphans: [],
    notChecked: ["what the stack pr-7 has"],
  });
  expect(await look(["example-pr-7"], [unread("pr-8"), unread("pr-9")], ["prod", "pr-9"])).toEqual({
    orphans: [
      expect.stringMatching(/^Worker example-pr-7: .*the stack elsewhere of another backend/),
    ],
    notChecked: ["what the stack pr-9 has"],
  });
});

test("one stack of the backend whose state is strange does not keep the others from being read", async () => {
  const real = await readRealState("state.json");
  const states: Readonly<Record<string, readonly StateResource[] | undefined>> = {
    dev: real,
    // As the state of no version of Pulumi's.
    strange: [null] as unknown as readonly StateResource[],
    odd: real.map((each) => ({ ...each, inputs: Object.fromEntries([["input", "[secret]"]]) })),
  };
  const found = await readStacks(["dev", "strange", "odd", "gone"], async (name) => {
    const state = states[name];
    if (state === undefined) throw new UserError(`there is no stack ${name}`);
    return state;
  });
  expect(found.map(({ name, read }) => [name, typeof read])).toEqual([
    ["dev", "object"],
    ["strange", "string"],
    ["odd", "object"],
    ["gone", "string"],
  ]);
});
