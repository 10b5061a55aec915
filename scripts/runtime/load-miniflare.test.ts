import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { toRoomier } from "./load-miniflare.ts";

test("miniflare has the line that is changed, and nothing else of it is", async () => {
  const code = await readFile(fileURLToPath(import.meta.resolve("miniflare")), "utf8");
  const lines = code.split("\n");
  const changed = toRoomier(code).split("\n");
  expect(changed.filter((line, at) => line !== lines[at])).toEqual([
    "var MIN_SINGLE_SEGMENT_GROWTH = 1048576;",
  ]);
});
