import { expect, test } from "vitest";
import type { StateResource } from "../stack/state.ts";
import { isProtected, setProtection } from "./destroy-plan.ts";
import { confirmDestroy } from "./run.ts";

const namespace: StateResource = {
  urn: "urn:pulumi:prod::example::cloudflare::oauth",
  type: "cloudflare:index/workersKvNamespace:WorkersKvNamespace",
};
const stash = (name: string): StateResource => ({
  urn: `urn:pulumi:prod::example::pulumi:index:Stash::${name}`,
  type: "pulumi:index:Stash",
});

test("data is protected where the state or the settings say so, so that an interrupted --delete-data does not unprotect it", () => {
  const settings = (values: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [`example:${name}`, { value }]),
    );
  // As `pulumi config` gives them: with the project's defaults, of which that of kvProtection is empty.
  const defaults = { environment: "development", kvProtection: "" };
  const ask = (values: Record<string, string>, ...resources: StateResource[]) =>
    isProtected("example", settings({ ...defaults, ...values }), resources);
  expect(ask({}, namespace)).toBe(false);
  expect(ask({}, { ...namespace, protect: true })).toBe(true);
  expect(ask({ environment: "production" }, namespace)).toBe(true);
  expect(ask({ environment: "production", kvProtection: "false" }, namespace)).toBe(false);
  expect(ask({ kvProtection: "true" }, namespace)).toBe(true);
  expect(isProtected("example", {}, [namespace])).toBe(false);
});

test("only what cannot be made again is protected; --delete-data takes every protection off", () => {
  const kept = { protect: true, retainOnDelete: true };
  expect(setProtection(namespace, true)).toEqual({ ...namespace, ...kept });
  expect(setProtection(stash("subject-key"), true)).toMatchObject(kept);
  for (const name of ["session-key-1", "identity"]) {
    expect(setProtection(stash(name), true)).toEqual(stash(name));
  }
  expect(setProtection({ ...namespace, ...kept }, false)).toEqual(namespace);
  expect(setProtection({ ...stash("other"), protect: true }, false)).toEqual(stash("other"));
});

test("a protected stack wants its name; a yes is enough for another", async () => {
  await confirmDestroy("dev", false, { yes: true });
  await confirmDestroy("dev", false, { confirm: "dev" });
  await confirmDestroy("prod", true, { confirm: "prod", yes: true });
  const refuse = (isKept: boolean, consent: { yes?: true; confirm?: string }) =>
    expect(confirmDestroy("prod", isKept, consent)).rejects;
  await refuse(true, { yes: true }).toThrow(/Give --confirm prod\. Nothing was deleted/);
  await refuse(true, { confirm: "dev", yes: true }).toThrow("it says dev, and the stack is prod");
  await refuse(false, { confirm: "dev", yes: true }).toThrow("it says dev, and the stack is prod");
  await refuse(true, {}).toThrow("give --confirm prod");
});
