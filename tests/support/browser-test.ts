import { Chromium } from "./chromium.ts";
import { test as base } from "./test.ts";

/** `test` with a Chromium that the tests of one file share, each in contexts of its own. It starts when one is opened. */
export const test = base.extend(
  "chromium",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }): Promise<Chromium> => {
    const chromium = new Chromium();
    onCleanup(() => chromium[Symbol.asyncDispose]());
    return chromium;
  },
);
