import { expect, test } from "vitest";
import { demo } from "./demo.ts";

function signIn(fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return demo.signIn(form);
}

test("any email and any password sign in, and the address is the person", () => {
  expect(signIn({ email: " Ada@Example.com ", password: "x" })).toEqual({
    identity: {
      method: "demo",
      issuer: "demo",
      subject: "ada@example.com",
      email: "ada@example.com",
    },
  });
});

test.each([
  [{}, ["email", "password"]],
  [{ email: "ada@example.com", password: "" }, ["password"]],
  [{ email: "ada", password: "x" }, ["email"]],
  [{ email: "a@b c", password: "x" }, ["email"]],
  [{ email: `${"a".repeat(250)}@b.example`, password: "x" }, ["email"]],
])("%o is refused with a sentence for each field that is wrong", (fields, wrong) => {
  const result = signIn(fields);
  expect("problems" in result && Object.keys(result.problems)).toEqual(wrong);
});
