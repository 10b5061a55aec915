import { expect, test } from "vitest";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

const password = "the-one-password";

/** As a preview on the open Internet is set up. */
async function withPassword(spec: WorkerSpec): Promise<WorkerSpec> {
  const secret = { type: "secret_text", name: "DEMO_PASSWORD", text: password } as const;
  return { ...spec, bindings: [...spec.bindings, secret] };
}

test("guessing at a password ends in a page that says how long to wait, and others go on", async () => {
  await using server = await startStackServer({ change: withPassword });
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();
  const attacker = new Person("ada@example.com", "guess");
  await attacker.visit(url);
  for (let guesses = 0; guesses < 5; guesses++) {
    expect(await attacker.signIn()).toMatchObject({ status: 400 });
    expect(attacker.sees("sign-in")).toBe(true);
  }
  const page = await attacker.signIn();
  expect(page.status).toBe(429);
  expect(page.title).toContain("Too many failed sign-ins");
  expect(page.text).toMatch(/Wait (\d+ seconds|a second|a minute), then try again/);
  const wait = Number(page.headers.get("retry-after"));
  expect(wait).toBeGreaterThan(0);
  expect(wait).toBeLessThanOrEqual(30);
  expect(page.headers.get("cache-control")).toBe("no-store");

  // Another browser at the same address waits too, even with the right password.
  const again = new Person("Ada@example.com", password);
  await again.visit(url);
  expect(await again.signIn()).toMatchObject({ status: 429 });

  // Somebody else at the same address signs in, and has a grant.
  const bob = new Person("bob@example.com", password);
  expect((await app.logIn(bob)).accessToken).not.toBe("");
  expect(server.requests.join("\n")).toContain('"event":"sign-in-throttled"');
  expect(server.requests.join("\n")).not.toMatch(/ada@example|bob@example/i);
});
