import { expect, onTestFinished, test, vi } from "vitest";
import { withPatience } from "./patience.ts";

test("tests wait longer by a factor, and with the provider that Pulumi publishes", async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  vi.stubEnv("PATIENCE", "");
  vi.stubEnv("CLOUDFLARE_PLUGIN", "");
  expect(withPatience(1000)).toBe(1000);
  vi.stubEnv("CLOUDFLARE_PLUGIN", "real");
  expect(withPatience(1000)).toBe(4000);
  vi.stubEnv("PATIENCE", "1.5");
  expect(withPatience(1000)).toBe(1500);
  vi.stubEnv("PATIENCE", "soon");
  expect(() => withPatience(1000)).toThrow('PATIENCE: "soon" is no factor');
});
