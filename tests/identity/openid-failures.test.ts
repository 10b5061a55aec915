import { expect, test as plainTest } from "vitest";
import { HtmlBrowser } from "../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { sample } from "../support/sample.ts";
import { shareOpenIdStack, startOpenIdStack } from "./openid-stack.ts";

const test = shareOpenIdStack();

plainTest(
  "a person who may not sign in is told so, can switch account, and the client can be told",
  async () => {
    await using stack = await startOpenIdStack(
      {},
      { settings: { allowedEmails: '["Eve@example.com"]' } },
    );
    const { provider, server } = stack;
    const browser = provider.openBrowser();
    const person = new PersonElsewhere((url) => provider.signIn(browser, url, "ada"));
    const app = await OAuthApp.register(server.origin);
    const authorization = app.begin();
    await expect(person.authorize(authorization.url)).rejects.toThrow("You have no access");
    expect(person.page.status).toBe(403);
    expect(person.page.text).toContain("ada@example.com");
    const back = person.page.root.querySelector(`a[href^="${app.redirectUri}"]`);
    const refusal = new URL(back?.getAttribute("href") ?? "").searchParams;
    expect(refusal.get("error")).toBe("access_denied");
    expect(refusal.get("error_description")).toBe("This person may not sign in");
    expect(refusal.get("state")).toBe(authorization.state);
    expect(refusal.get("iss")).toBe(server.origin);

    // The provider still knows Ada; asked to, it lets the person sign in as somebody else.
    person.signInElsewhere = async (url) => {
      expect(url.searchParams.get("prompt")).toBe("login");
      return provider.signIn(browser, url, "eve");
    };
    await person.submit("switch");
    expect(person.sees("consent")).toBe(true);
    await person.decide("approve");
    await person.goElsewhere();
    expect(person.page.leavesFor?.searchParams.get("code")).toBeTruthy();
  },
);

const verified = {
  nobody: { email: "ada@acme.example", email_verified: false },
  silent: { email: "ada@acme.example" },
  text: { email: "ada@acme.example", email_verified: "true" },
};
const listed = shareOpenIdStack({ accounts: verified }, { allowedDomains: '["acme.example"]' });

listed.for([
  ["nobody verified", "nobody", false],
  ["the provider says nothing about", "silent", false],
  ["the provider calls verified in a text", "text", true],
] as const)(
  "an address that %s counts as it should for the allow-list",
  async ([, account, isIn], { stack }) => {
    const login = stack.logIn(account);
    if (isIn) expect((await login).accessToken).toBeTruthy();
    else await expect(login).rejects.toThrow("You have no access");
  },
);

test("a person who says no at the provider has said no to the client", async ({ stack }) => {
  const { provider, server } = stack;
  const person = new PersonElsewhere((url) => provider.decline(provider.openBrowser(), url));
  const app = await OAuthApp.register(server.origin);
  const authorization = app.begin();
  const { searchParams } = await person.authorize(authorization.url);
  expect(searchParams.get("error")).toBe("access_denied");
  expect(searchParams.get("state")).toBe(authorization.state);
  expect(searchParams.get("iss")).toBe(server.origin);
});

plainTest(
  "while the provider is down a person gets a page from which they can try again",
  async () => {
    await using stack = await startOpenIdStack();
    const { provider, server } = stack;
    const person = stack.meet("ada");
    const app = await OAuthApp.register(server.origin);
    const { url } = app.begin();
    const down = (path: string) => async (asked: string, response: Response) =>
      asked === path
        ? new Response("down", { status: 503, headers: { "retry-after": "7" } })
        : response;

    // Each time the next of its endpoints is the one that is down.
    for (const path of ["/.well-known/openid-configuration", "/token", "/jwks", "/me"]) {
      provider.tamper = down(path);
      await expect(person.authorize(url), path).rejects.toThrow("Sign-in does not answer");
      expect(person.page.status, path).toBe(503);
      expect(person.page.headers.get("retry-after"), path).toBe("7");
      const again = person.page.root.querySelector(`a[href^="${server.origin}/authorize?"]`);
      expect(again?.getAttribute("href"), path).toBe(url.href);
    }
    provider.tamper = () => {
      throw new Error("The line broke.");
    };
    await expect(person.authorize(url)).rejects.toThrow("Sign-in does not answer");
    // It was no lasting harm.
    provider.tamper = (_path, response) => response;
    expect((await person.authorize(url)).searchParams.get("code")).toBeTruthy();
  },
);

test("a provider that does not know this server's secret is the operator's to mend", async ({
  stack,
}) => {
  stack.provider.tamper = (path, response) =>
    path === "/token" ? Response.json({ error: "invalid_client" }, { status: 401 }) : response;
  await expect(stack.logIn("ada")).rejects.toThrow("Sign-in did not work");
  expect(stack.lines.join("\n")).toContain("the other server said invalid_client");
});

test("the state of a sign-in belongs to one browser and works once", async ({ stack }) => {
  const { server } = stack;
  const person = stack.meet("ada");
  const { signInElsewhere } = person;
  let back = new URL("about:blank");
  person.signInElsewhere = async (url) => {
    back = await signInElsewhere(url);
    return new URL(`${server.origin}/`);
  };
  const app = await OAuthApp.register(server.origin);
  await expect(app.logIn(person)).rejects.toThrow();
  const countTokenRequests = () => stack.provider.asked.filter((path) => path === "/token").length;

  // Somebody else's browser, a made-up state and none at all.
  const stranger = await new HtmlBrowser().open(back);
  expect(stranger.status).toBe(400);
  expect(stranger.text).toContain("Start again from the app");
  for (const state of ["made-up", ""]) {
    const url = new URL(back);
    url.searchParams.set("state", state);
    expect((await person.visit(url)).status).toBe(400);
  }
  // Nothing but a visit counts.
  for (const method of ["HEAD", "POST"]) {
    const response = await fetch(back, { method, redirect: "manual" });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET");
  }
  expect(countTokenRequests()).toBe(0);

  await person.visit(back);
  expect(person.page.leavesFor?.searchParams.get("code")).toBeTruthy();
  await person.visit(back);
  expect(person.page.status).toBe(400);
  expect(person.page.leavesFor).toBeUndefined();
  expect(countTokenRequests()).toBe(1);
});

test("of two returns from one sign-in at once, one counts", async ({ stack }) => {
  const { server } = stack;
  const app = await OAuthApp.register(server.origin);
  for (let round = 1; round <= sample(8, 30); round++) {
    const person = stack.meet(`ada${round}`);
    const { signInElsewhere } = person;
    let back = new URL("about:blank");
    person.signInElsewhere = async (url) => {
      back = await signInElsewhere(url);
      return new URL(`${server.origin}/`);
    };
    await expect(app.logIn(person)).rejects.toThrow();
    const pages = await Promise.all([person.browser.open(back), person.browser.open(back)]);
    const codes = pages.filter(({ leavesFor }) => leavesFor?.searchParams.has("code"));
    expect(codes, `round ${round}`).toHaveLength(1);
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(1);
  }
});

plainTest(
  "returns over the limit see a page that leads back to where they were, and nothing is redeemed",
  async () => {
    await using stack = await startOpenIdStack({}, { settings: { signInsPerMinute: "2" } });
    const { server } = stack;
    const person = stack.meet("ada");
    const returnTo = new URL(`${server.origin}/authorize/callback?state=made-up`);
    let refused = await person.visit(returnTo);
    // A minute that ends meanwhile starts the count anew.
    for (let tried = 0; refused.status !== 429 && tried < 6; tried++) {
      refused = await person.visit(returnTo);
    }
    expect(refused.title).toContain("Too many sign-ins");
    expect(refused.headers.get("retry-after")).toBe("60");
    const again = refused.root.querySelectorAll("a").find(({ text }) => text === "Try again");
    expect(again?.getAttribute("href")).toBe(returnTo.href);
    expect(stack.provider.asked).not.toContain("/token");
  },
);
