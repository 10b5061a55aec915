import { expect, test } from "vitest";
import { deriveUserId } from "./subject.ts";

const ada = { method: "oidc", issuer: "https://idp.example", subject: "1" };

test("the same person has the same id, which tells nothing and holds no colon", async () => {
  const id = await deriveUserId("key", ada);
  const known = { ...ada, email: "ada@example.com" };
  expect(await deriveUserId("key", known)).toBe(id);
  expect(id).toMatch(/^[\w-]{22}$/);
});

test.each([
  ["another method", "key", { ...ada, method: "demo" }],
  ["another issuer", "key", { ...ada, issuer: "https://idp.example1", subject: "" }],
  ["another subject", "key", { ...ada, subject: "2" }],
  ["another key", "other key", ada],
])("%s is another person", async (_name, key, identity) => {
  expect(await deriveUserId(key, identity)).not.toBe(await deriveUserId("key", ada));
});
