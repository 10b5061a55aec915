import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { createEmptyAccount } from "./account.ts";
import { projectRoot } from "./bundle.ts";
import { freePlan, warnOfFreePlan } from "./free-plan.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

test("docs/costs.md says the same", async () => {
  const text = await readFile(join(projectRoot, "docs/costs.md"), "utf8");
  const row = (name: string) =>
    new RegExp(`^\\| ${name} +\\| +([\\d,]+) `, "m").exec(text)?.[1]?.replaceAll(",", "");
  expect({
    workers: Number(row("Workers")),
    kvNamespaces: Number(row("KV namespaces")),
    cronTriggers: Number(row("Cron triggers")),
    kvWritesADay: Number(row("KV writes")),
    requestsADay: Number(row("Requests")),
  }).toEqual(freePlan);
});

test("an account that is full by the free plan is told before one more is made", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
  const account = {
    ...createEmptyAccount(),
    countWorkers: async () => 100,
    countNamespaces: async () => 999,
  };
  await warnOfFreePlan("kvNamespaces", account);
  expect(warn).not.toHaveBeenCalled();
  await warnOfFreePlan("workers", account);
  expect(warn).toHaveBeenCalledWith(
    expect.stringContaining("has 100 Workers, and the free plan allows 100"),
  );
});
