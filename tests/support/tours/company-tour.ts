import { createHash } from "node:crypto";
import type { Page } from "playwright-core";
import { startOpenIdStack } from "../../identity/openid-stack.ts";
import { withBackstage } from "../backstage.ts";
import { OAuthApp } from "../oauth-app.ts";
import { press, tourScope as scope, type Tour } from "./tour.ts";

/** The app that the company lets its people use. */
const chat = { id: "company-chat", secret: "the-secret-of-chat-at-this-server" };

/** Settings of a stack that whoever can call it calls, each in its own way. */
export const everyWayIn = {
  preRegisteredClients: [
    {
      clientId: chat.id,
      name: "Chat of Acme",
      redirectUris: ["https://chat.example/callback"],
      secretSha256: createHash("sha256").update(chat.secret).digest("hex"),
    },
  ],
  machineClients: [
    {
      name: "deploy",
      scopes: ["demo:write"],
      workloads: [{ repository: "acme/orders", branch: "main" }],
    },
    { name: "nightly", scopes: ["demo:use"], secrets: [1] },
  ],
};

/** A stack whose people sign in at their company, which lets an app in for them without a page. */
export const companyTour: Tour = {
  name: "of a server where a company decides for its people",
  stops: ["connections-every-kind"],
  async start() {
    const stack = await startOpenIdStack(
      {},
      {
        settings: (issuer) => ({
          personalTokens: "90",
          enterpriseIssuers: JSON.stringify([
            {
              issuer,
              jwksUrl: `${issuer}/jwks`,
              clientIds: [chat.id],
              scopes: ["demo:use", "demo:profile"],
              domains: ["example.com"],
            },
          ]),
          preRegisteredClients: JSON.stringify(everyWayIn.preRegisteredClients),
          machineClients: JSON.stringify(everyWayIn.machineClients),
        }),
        change: withBackstage,
      },
    );
    const { provider } = stack;
    const { origin } = stack.server;
    const browser = provider.openBrowser();
    return {
      origin,
      sendOn: (url) =>
        url.origin === provider.issuer ? provider.signIn(browser, url, "ada") : undefined,
      async walk(page, look) {
        await page.goto(`${origin}/connections`);
        await press(page, /^Sign in with/, "Your connections");
        await letAppIn(page, origin);
        await makeToken(page, origin);
        const assertion = provider.assert({
          sub: "ada",
          aud: origin,
          client_id: chat.id,
          scope: "demo:use demo:profile",
          email: "ada@example.com",
        });
        await comeWith(origin, assertion);
        await page.goto(`${origin}/connections`);
        await page.getByText("Your company allowed it").waitFor();
        await look("connections-every-kind");
      },
      [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
    };
  },
};

/** The person, who is signed in, approves an app on the consent page. */
async function letAppIn(page: Page, origin: string): Promise<void> {
  const app = await OAuthApp.register(origin, "Notes", "https://chat.example/notes");
  const authorization = app.begin({ scope });
  await page.goto(authorization.url.href);
  await page.getByRole("button", { name: "Approve" }).click();
  await page.waitForURL("https://chat.example/notes?**");
  const code = new URL(page.url()).searchParams.get("code") ?? "";
  const { status } = await app.redeem(code, authorization);
  if (status !== 200) throw new Error(`The app got no token: ${status}`);
}

async function makeToken(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/connections?new=token`);
  await page.getByLabel("What it is for").fill("Nightly report");
  await page.locator("[name=scope]").first().check();
  await press(page, "Make the token", /^Your new token/);
}

/** The company's app comes with what the company signed. */
async function comeWith(origin: string, assertion: string): Promise<void> {
  const response = await fetch(`${origin}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${chat.id}:${chat.secret}`)}` },
    body: new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion,
    }),
  });
  if (!response.ok) throw new Error(`The company's app got no token: ${await response.text()}`);
}
