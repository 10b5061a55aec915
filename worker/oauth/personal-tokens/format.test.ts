import { expect, test } from "vitest";
import { isPersonalToken, mintToken, nameToken } from "./format.ts";

const env = { SUBJECT_KEY: "subject-key" };

/** CRC-32 with a table, as RFC 1952 section 8 computes it. */
function crc32(text: string): number {
  const table = Array.from({ length: 256 }, (_, index) => {
    let entry = index;
    for (let bit = 0; bit < 8; bit++) entry = entry & 1 ? 0xedb88320 ^ (entry >>> 1) : entry >>> 1;
    return entry;
  });
  const bytes = [...new TextEncoder().encode(text)];
  const last = bytes.reduce((crc, byte) => (table[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8), -1);
  return (last ^ -1) >>> 0;
}

/** Six digits of base 62, as secret scanners compute them. */
function toChecksum(body: string): string {
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let rest = crc32(body);
  return Array.from({ length: 6 }, () => {
    const digit = alphabet[rest % 62] ?? "";
    rest = Math.floor(rest / 62);
    return digit;
  })
    .toReversed()
    .join("");
}

test("a secret scanner finds a token by its form, and knows it by the CRC-32 of its 30 characters", async () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
  const tokens = await Promise.all(Array.from({ length: 100 }, () => mintToken(env)));
  expect(new Set(tokens).size).toBe(tokens.length);
  for (const token of tokens) {
    expect(token).toMatch(/^rmcp_[0-9A-Za-z]{36}$/);
    expect(token.slice(35)).toBe(toChecksum(token.slice(5, 35)));
    expect(await nameToken(env, token)).toMatchObject({
      grantId: expect.stringMatching(/^pt-.{13}$/),
    });
  }
});

test("a token that is mistyped, cut, of another server, or invented with a right checksum has no name", async () => {
  const token = await mintToken(env);
  for (let place = 5; place < token.length; place++) {
    const other = token[place] === "x" ? "y" : "x";
    const mistyped = token.slice(0, place) + other + token.slice(place + 1);
    expect(await nameToken(env, mistyped), mistyped).toBeUndefined();
    if (place >= 35) continue;
    // Whoever knows the form can compute the checksum.
    const body = mistyped.slice(5, 35);
    expect(await nameToken(env, `rmcp_${body}${toChecksum(body)}`)).toBeUndefined();
  }
  for (const junk of [
    "",
    "rmcp_",
    token.slice(0, -1),
    `${token}0`,
    ` ${token}`,
    token.toLowerCase(),
  ]) {
    expect(await nameToken(env, junk), junk).toBeUndefined();
  }
  expect(await nameToken({ SUBJECT_KEY: "another" }, token)).toBeUndefined();
});

test("only the prefix says that a token is a personal one", () => {
  expect(isPersonalToken("rmcp_junk")).toBe(true);
  for (const other of ["RMCP_junk", "user:grant:secret", "eyJhbGciOi", ""]) {
    expect(isPersonalToken(other)).toBe(false);
  }
});
