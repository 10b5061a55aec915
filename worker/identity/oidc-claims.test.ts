import { expect, test } from "vitest";
import { readEmail, readName } from "./oidc-claims.ts";

const other = "https://id.example";
const google = "https://accounts.google.com";
const entra = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

test.each([
  [other, { email_verified: true }, true],
  [other, { email_verified: "true" }, true],
  [other, { email_verified: "false" }, false],
  [other, { email_verified: "yes" }, false],
  [other, {}, false],
  // Google: a consumer account keeps the address that its person once had at a company.
  [google, { email_verified: true }, false],
  [google, { email_verified: true, hd: "acme.example" }, true],
  [google, { email_verified: false, hd: "acme.example" }, false],
  // Entra: anybody's administrator may have written the address.
  [entra, {}, false],
  [entra, { xms_edov: true }, true],
  [entra, { xms_edov: "1" }, true],
  [entra, { xms_edov: false }, false],
  // Only Entra says this, so elsewhere it is a word without meaning.
  ["https://evil.example", { xms_edov: true }, false],
  ["https://login.microsoftonline.com.evil.example", { xms_edov: true }, false],
])("%s vouches for an address with %o: %s", (issuer, claims, isEmailVerified) => {
  const email = "ada@acme.example";
  expect(readEmail(issuer, { email, ...claims })).toEqual({ email, isEmailVerified });
});

test.each([undefined, "", 7, `${"a".repeat(250)}@b.example`])("%o is no address", (email) => {
  expect(readEmail(google, { email, email_verified: true })).toEqual({});
});

test("Google speaks for the addresses that are its own", () => {
  const email = "ada@gmail.com";
  expect(readEmail(google, { email, email_verified: true }).isEmailVerified).toBe(true);
});

test("a name that would not fit into a cookie is cut", () => {
  expect(readName({ name: "n".repeat(5000) }).name).toHaveLength(100);
  expect(readName({ preferred_username: "ada", name: "Ada" })).toEqual({ name: "ada" });
  expect(readName({ name: 7 })).toEqual({});
});
