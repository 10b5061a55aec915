import { expect, test } from "vitest";
import { isAllowed } from "./allowed.ts";

const nobody = { emails: [], domains: [], organizations: [] };
const ada = {
  method: "oidc",
  issuer: "i",
  subject: "1",
  email: "Ada@Acme.example",
  isEmailVerified: true,
};

test.each([
  [{}, ada, true],
  [{ emails: ["ada@acme.example"] }, ada, true],
  [{ domains: ["acme.example"] }, ada, true],
  [{ domains: ["example"] }, ada, false],
  [{ domains: ["me.example"] }, ada, false],
  [{ domains: ["acme.example"] }, { ...ada, isEmailVerified: false }, false],
  [{ emails: ["ada@acme.example"] }, { method: "oidc", issuer: "i", subject: "1" }, false],
  [{ domains: ["acme.example"] }, { ...ada, email: "acme.example" }, false],
  [{ domains: ["acme.example"] }, { ...ada, email: "ada@acme.example@evil.example" }, false],
  [{ organizations: ["acme"] }, { ...ada, organizations: ["acme"] }, true],
  [{ organizations: ["acme/core"] }, { ...ada, organizations: ["acme"] }, false],
  [
    { emails: ["eve@acme.example"], organizations: ["acme"] },
    { ...ada, organizations: ["acme"] },
    true,
  ],
])("with the lists %o, %o may sign in: %s", (lists, identity, isIn) => {
  expect(isAllowed(identity, { allowed: { ...nobody, ...lists } })).toBe(isIn);
});
