import { expect, test } from "vitest";
import { workerSettings as settings, workerBindings } from "../../tests/support/worker-settings.ts";
import { readSettings, type WorkerEnv } from "../env.ts";
import { method as demo } from "./demo.ts";

const env = workerBindings as unknown as WorkerEnv;

function signIn(fields: Record<string, string>, bindings = env) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return demo.signIn(form, { env: bindings, settings });
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

test("where the stack has a password only that one signs in", async () => {
  const own = { ...env, DEMO_PASSWORD: "open sesame" };
  const email = "ada@example.com";
  expect(await signIn({ email, password: "open sesame" }, own)).toHaveProperty("identity");
  for (const password of ["", "x", "open sesame ", "Open sesame", "open sesam"]) {
    const result = await signIn({ email, password }, own);
    expect("problems" in result && Object.keys(result.problems), password).toEqual(["password"]);
    expect(JSON.stringify(result)).not.toContain("sesame");
  }
});

test("an empty password of the stack lets nobody in, not everybody", async () => {
  const result = await signIn({ email: "a@b.c", password: "x" }, { ...env, DEMO_PASSWORD: "" });
  expect(result).toHaveProperty("problems");
});

test("a production Worker with the demo does not start", () => {
  const production = { ...settings, environment: "production" as const };
  expect(() => readSettings({ SETTINGS: production })).toThrow("signs anybody in");
  const oidc = { method: "oidc", oidcIssuer: "https://idp.example", oidcClientId: "x" } as const;
  expect(readSettings({ SETTINGS: { ...production, identity: oidc } }).identity).toEqual(oidc);
});
