import { expect, test } from "vitest";
import { workerSettings as settings, workerBindings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import { demo } from "./demo.ts";

const env = workerBindings as unknown as WorkerEnv;

function signIn(fields: Record<string, string>) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return demo.signIn(form, { env, settings });
}

test("any email and any password sign in, and the address is the person", async () => {
  expect(await signIn({ email: " Ada@Example.com ", password: "x" })).toEqual({
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
])("%o is refused with a sentence for each field that is wrong", async (fields, wrong) => {
  const result = await signIn(fields);
  expect("problems" in result && Object.keys(result.problems)).toEqual(wrong);
});
