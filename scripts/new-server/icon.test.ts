import { expect, test } from "vitest";
import { writeIcon } from "./icon.ts";

test("every letter has an icon of its own, without a font, a script or an address", () => {
  const icons = [..."abcdefghijklmnopqrstuvwxyz"].map(writeIcon);
  expect(new Set(icons.map((icon) => / d="([^"]+)"/.exec(icon)?.[1])).size).toBe(26);
  for (const icon of icons) {
    expect(icon).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 32 32">/);
    expect(icon.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/text|font|script|:\/\//);
  }
  expect(writeIcon("acme-orders")).toBe(writeIcon("acme-orders"));
});
