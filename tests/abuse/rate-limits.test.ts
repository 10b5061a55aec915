import { expect, test } from "vitest";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

/** Until one is refused, or as often as is plausible: a minute that ends meanwhile starts the count anew. */
async function repeat<Answer>(
  limit: number,
  ask: () => Promise<Answer>,
  isRefused: (answer: Answer) => boolean,
): Promise<{ readonly passed: number; readonly refused: Answer }> {
  for (let passed = 0; passed <= 2 * limit; passed++) {
    const answer = await ask();
    if (isRefused(answer)) return { passed, refused: answer };
  }
  throw new Error(`None of ${2 * limit + 1} was refused`);
}

const is429 = ({ status }: { readonly status: number }) => status === 429;

test("registrations over the limit are refused as JSON that says when to come back", async () => {
  await using server = await startStackServer({ settings: { registrationsPerMinute: "3" } });
  const register = () =>
    fetch(`${server.origin}/register`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://client.example" },
      body: JSON.stringify({ redirect_uris: ["http://localhost:9/cb"] }),
    });
  const { passed, refused } = await repeat(3, register, is429);
  expect(passed).toBeGreaterThanOrEqual(3);
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(refused.headers.get("access-control-allow-origin")).toBe("https://client.example");
  expect(refused.headers.get("access-control-expose-headers")).toContain("Retry-After");
  expect(await refused.json()).toEqual({
    error: "temporarily_unavailable",
    error_description: "Too many registrations from this address. Try again in a minute.",
  });
});

test("a client over the limit at the token endpoint keeps its tokens and goes on later", async () => {
  await using server = await startStackServer({ settings: { tokenRequestsPerMinute: "4" } });
  const app = await OAuthApp.register(server.origin);
  const { refreshToken } = await app.logIn(new Person("ada@example.com"));
  const ask = (token: string) =>
    fetch(`${server.origin}/token`, {
      method: "POST",
      headers: { origin: "https://client.example" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: app.clientId,
        refresh_token: token,
      }),
    });
  const { refused } = await repeat(4, () => ask("person:grant:wrong"), is429);
  expect(refused.headers.get("retry-after")).toBe("60");
  expect(refused.headers.get("access-control-allow-origin")).toBe("https://client.example");
  expect(refused.headers.get("cache-control")).toBe("no-store");
  // Not invalid_grant nor invalid_client: on these a client forgets what it has.
  expect(await refused.json()).toMatchObject({ error: "temporarily_unavailable" });
  expect((await ask(refreshToken)).status).toBe(429);
});

test("a person over the limit sees a page, whichever way the request comes", async () => {
  await using server = await startStackServer({ settings: { authorizationsPerMinute: "5" } });
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { url } = app.begin();
  const { passed, refused } = await repeat(5, () => person.visit(url), is429);
  expect(passed).toBeGreaterThanOrEqual(5);
  expect(refused.title).toContain("Too many requests");
  expect(refused.text).toContain("Wait a minute");
  expect(refused.headers.get("retry-after")).toBe("60");
  const again = refused.root.querySelectorAll("a").find(({ text }) => text === "Try again");
  expect(new URL(again?.getAttribute("href") ?? "").searchParams.get("client_id")).toBe(
    app.clientId,
  );
  person.back();
  expect(await person.signIn()).toMatchObject({ status: 429 });
});

test("sign-ins over the limit are refused on a page", async () => {
  await using server = await startStackServer({ settings: { signInsPerMinute: "3" } });
  const app = await OAuthApp.register(server.origin);
  const { url } = app.begin();
  const signIn = async () => {
    const person = new Person("ada@example.com");
    await person.visit(url);
    return person.signIn();
  };
  const { passed, refused } = await repeat(3, signIn, is429);
  expect(passed).toBeGreaterThanOrEqual(3);
  expect(refused.title).toContain("Too many sign-ins");
});
