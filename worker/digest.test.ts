import { afterEach, expect, test, vi } from "vitest";
import { hmac, toHex } from "./digest.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What a key signs that is imported for it. */
async function sign(key: string, text: string): Promise<string> {
  const encode = (value: string) => new TextEncoder().encode(value);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const own = await crypto.subtle.importKey("raw", encode(key), algorithm, false, ["sign"]);
  return toHex(await crypto.subtle.sign("HMAC", own, encode(text)));
}

test("each key signs as itself, and is imported once, also when there are more than are kept", async () => {
  const keys = Array.from({ length: 40 }, (_, index) => `key ${index}`);
  const wanted = await Promise.all(keys.map((key) => sign(key, "text")));
  const importKey = vi.spyOn(crypto.subtle, "importKey");
  for (const [index, key] of keys.entries()) {
    for (const _ of [1, 2]) expect(toHex(await hmac(key, "text"))).toBe(wanted[index]);
  }
  expect(importKey).toHaveBeenCalledTimes(keys.length);
});
