import { test as base } from "vitest";
import { TestCloud } from "./local-cloud.ts";

/**
 * `test` with a local cloud that the tests of one file share. Each test makes Workers, namespaces and
 * the like of its own. A test that fills the account up or changes its settings starts its own cloud.
 */
export const test = base.extend(
  "cloud",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const cloud = await TestCloud.start();
    onCleanup(() => cloud[Symbol.asyncDispose]());
    return cloud;
  },
);
