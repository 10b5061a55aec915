import { expect, test } from "vitest";
import { UserError } from "../../errors.ts";
import { changeKv } from "./change-kv.ts";

/** Keys of tokens. */
function makeKeys(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `token:user:grant:${index}`);
}

/** An account that fails at one call. */
function open(failsAt = Number.POSITIVE_INFINITY) {
  const calls: string[] = [];
  const take = async (call: string) => {
    if (calls.length === failsAt) throw new UserError("Cloudflare's API answered 503.");
    calls.push(call);
  };
  return {
    calls,
    account: {
      writeKeys: (names: readonly string[], _value: string, lifetime?: number) =>
        take(`write ${names.join()}${lifetime === undefined ? " for good" : ""}`),
      deleteKeys: (names: readonly string[]) => take(`delete ${names.length}`),
    },
  };
}

test("the notes that grants are ended come first, then the deletes in parts, with progress", async () => {
  const { account, calls } = open();
  const lines: string[] = [];
  const plan = { ended: ["grant:user:grant"], deleted: makeKeys(2100) };
  await changeKv(account, plan, (line) => lines.push(line));
  expect(calls).toEqual(["write ended:user:grant", "delete 1000", "delete 1000", "delete 100"]);
  expect(lines).toEqual(["Deleted 1000 of 2100 records …", "Deleted 2000 of 2100 records …"]);
});

test("the end of what a company allowed is noted for good, as no assertion may bring it back", async () => {
  const { account, calls } = open();
  const ended = ["grant:user:em-0123456789abc", "grant:user:em-of-somebody-else"];
  await changeKv(account, { ended, deleted: [] });
  expect(calls).toEqual([
    "write ended:user:em-of-somebody-else",
    "write ended:user:em-0123456789abc for good",
  ]);
});

test("a failure midway says how much is done and how to go on", async () => {
  const { account } = open(2);
  const plan = { ended: [], deleted: makeKeys(2100) };
  await expect(changeKv(account, plan, () => undefined)).rejects.toThrow(
    /answered 503\.\nIt failed after 2000 of 2100 records were deleted.*Run the same command again/,
  );
});

test("nothing is deleted where the notes cannot be written", async () => {
  const { account, calls } = open(0);
  const plan = { ended: ["grant:user:grant"], deleted: makeKeys(1) };
  await expect(changeKv(account, plan)).rejects.toThrow("after 0 of 1 record were deleted");
  expect(calls).toEqual([]);
});
