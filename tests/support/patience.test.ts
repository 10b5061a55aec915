import { expect, test } from "vitest";
import { readLimits } from "./patience.ts";

test("tests wait longer by a factor, and with the provider that Pulumi publishes", () => {
  expect(readLimits({})).toEqual({ patience: 180_000, testTime: 360_000, storyTime: 900_000 });
  expect(readLimits({ CLOUDFLARE_PLUGIN: "real" }).patience).toBe(720_000);
  expect(readLimits({ CLOUDFLARE_PLUGIN: "real", PATIENCE: "1.5" }).patience).toBe(270_000);
  expect(() => readLimits({ PATIENCE: "soon" })).toThrow('PATIENCE: "soon" is not a factor');
});
