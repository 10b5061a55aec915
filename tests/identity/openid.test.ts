import { expect, test as plainTest } from "vitest";
import { connectModern, connectWithLogin } from "../support/connect.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { changeJson } from "../support/openid-provider.ts";
import { shareOpenIdStack, startOpenIdStack } from "./openid-stack.ts";

const test = shareOpenIdStack();

plainTest(
  "an MCP client logs its person in at a real OpenID provider, and nothing of it leaks",
  async () => {
    await using stack = await startOpenIdStack();
    const { server, provider } = stack;
    const person = stack.meet("ada");
    const oauth = new OAuthClient(person, "Modern client");
    await using client = await connectWithLogin(new URL("/mcp", server.origin), oauth);
    const { structuredContent: me } = await client.callTool({ name: "whoami", arguments: {} });
    expect(me).toMatchObject({ email: "ada@example.com", identityMethod: "oidc" });

    const log = server.requests.join("\n");
    expect(log).toContain('"event":"sign-in","method":"oidc"');
    for (const secret of [
      "ada@example.com",
      "secret-of-example",
      "idp.example.test/auth",
      "code=",
    ]) {
      expect(log).not.toContain(secret);
    }
    // The metadata once, then one call for tokens, one for keys, one for the address.
    expect(provider.asked.toSorted()).toEqual([
      "/.well-known/openid-configuration",
      "/jwks",
      "/me",
      "/token",
    ]);
  },
);

test("consent comes first, and the provider is asked with PKCE, nonce and state", async ({
  stack,
}) => {
  const person = stack.meet("ada");
  const app = await OAuthApp.register(stack.server.origin);
  const page = await person.visit(app.begin().url);
  expect(page.status).toBe(200);
  expect(page.text).toContain("idp.example.test");
  expect(stack.provider.asked).toEqual([]);
  await person.decide("approve");
  const { searchParams: query } = person.page.leavesFor ?? new URL("about:blank");
  expect(Object.fromEntries(query)).toMatchObject({
    response_type: "code",
    client_id: "example-at-idp",
    redirect_uri: `${stack.server.origin}/authorize/callback`,
    scope: "openid email",
    code_challenge_method: "S256",
  });
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(query.get(name)?.length, name).toBeGreaterThanOrEqual(43);
  }
});

test("who is signed in already, and ticks nothing, reads of no sign-in to come", async ({
  stack,
}) => {
  const person = stack.meet("ada");
  const first = await OAuthApp.register(stack.server.origin);
  await person.visit(first.begin().url);
  expect(person.page.text).toContain("You sign in with");
  await person.decide("approve");
  await person.goElsewhere();
  const app = await OAuthApp.register(stack.server.origin);
  await person.visit(app.begin({ scope: "demo:use" }).url);
  person.setTick("scope", "demo:use", false);
  const { text } = await person.decide("approve");
  expect(text).toContain("Nothing was ticked");
  expect(text).not.toContain("You sign in with");
});

plainTest(
  "a person is the same from every client, and another login is another person",
  async () => {
    await using stack = await startOpenIdStack({ emailInIdToken: true });
    const ids = [];
    for (const login of ["ada", "ada", "eve"]) {
      const { accessToken } = await stack.logIn(login);
      await using client = await connectModern(stack.server.origin, accessToken);
      const { structuredContent } = await client.callTool({ name: "whoami", arguments: {} });
      ids.push((structuredContent as { id: string }).id);
    }
    expect(ids[0]).toBe(ids[1]);
    expect(ids[0]).not.toBe(ids[2]);
    // The address stood in the ID token.
    expect(stack.provider.asked).not.toContain("/me");
  },
);

plainTest("after the provider changed its keys people sign in at once", async () => {
  await using stack = await startOpenIdStack();
  await stack.logIn("ada");
  stack.provider.rotateKeys("second");
  await stack.logIn("ada");
  await stack.logIn("eve");
  // The new keys are kept too.
  expect(stack.provider.asked.filter((path) => path === "/jwks")).toHaveLength(2);
});

const seconds = () => Math.floor(Date.now() / 1000);

test.for<[string, string, () => object]>([
  ["another nonce", "nonce", () => ({ nonce: "n".repeat(43) })],
  ["no nonce", "nonce", () => ({ nonce: undefined })],
  ["another audience", "aud", () => ({ aud: "somebody-else" })],
  [
    "an audience beside us",
    "untrusted audiences",
    () => ({ aud: ["example-at-idp", "somebody-else"] }),
  ],
  ["another issuer", "iss", () => ({ iss: "https://evil.example.test" })],
  ["no subject", "names nobody", () => ({ sub: "" })],
  ["an end 40 seconds ago", "exp", () => ({ exp: seconds() - 40 })],
  ["a beginning in 40 seconds", "nbf", () => ({ nbf: seconds() + 40 })],
])("an ID token with %s signs nobody in", async ([, reason, claims], { stack }) => {
  stack.provider.tamper = changeJson("/token", (body) => ({
    ...body,
    id_token: stack.provider.resign(String(body.id_token), { ...claims() }),
  }));
  const person = stack.meet("ada");
  const app = await OAuthApp.register(stack.server.origin);
  await expect(app.logIn(person)).rejects.toThrow("Sign-in did not work");
  expect(person.page.status).toBe(400);
  expect(person.page.root.querySelector(`a[href^="${stack.server.origin}/authorize?"]`)).not.toBe(
    null,
  );
  const failure = stack.lines.find((line) => line.includes("upstream-failure"));
  expect(failure).toContain('"problem":"invalid"');
  expect(failure).toContain(reason);
});

test.for<[string, () => object]>([
  ["ended 20 seconds ago", () => ({ exp: seconds() - 20 })],
  ["begins in 20 seconds", () => ({ nbf: seconds() + 20 })],
])("clocks may differ a little: an ID token that %s is taken", async ([, claims], { stack }) => {
  stack.provider.tamper = changeJson("/token", (body) => ({
    ...body,
    id_token: stack.provider.resign(String(body.id_token), { ...claims() }),
  }));
  expect((await stack.logIn("ada")).accessToken).toBeTruthy();
});

test("an ID token with a forged signature, or with none, signs nobody in", async ({ stack }) => {
  const app = await OAuthApp.register(stack.server.origin);
  const forgeries = [
    (token: string) => `${token.split(".").slice(0, 2).join(".")}.${"A".repeat(342)}`,
    (token: string) => {
      const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url");
      return `${none}.${token.split(".")[1]}.`;
    },
  ];
  for (const forge of forgeries) {
    stack.provider.tamper = changeJson("/token", (body) => ({
      ...body,
      id_token: forge(String(body.id_token)),
    }));
    await expect(app.logIn(stack.meet("ada"))).rejects.toThrow("Sign-in did not work");
  }
});

test("userinfo about somebody else is not believed", async ({ stack }) => {
  stack.provider.tamper = changeJson("/me", (body) => ({ ...body, sub: "eve" }));
  await expect(stack.logIn("ada")).rejects.toThrow("Sign-in did not work");
});

test("an answer that names another issuer is refused before the code goes anywhere", async ({
  stack,
}) => {
  const person = stack.meet("ada");
  const { signInElsewhere } = person;
  person.signInElsewhere = async (url) => {
    const back = await signInElsewhere(url);
    back.searchParams.set("iss", "https://evil.example.test");
    return back;
  };
  const app = await OAuthApp.register(stack.server.origin);
  await expect(app.logIn(person)).rejects.toThrow("Sign-in did not work");
  expect(stack.provider.asked).not.toContain("/token");
});
