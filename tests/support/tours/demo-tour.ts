import type { Page } from "playwright-core";
import { OAuthApp } from "../oauth-app.ts";
import { Person } from "../person.ts";
import { startStackServer } from "../stack-server.ts";
import { type Look, press, tourScope as scope, type Tour } from "./tour.ts";

/** Where the tour's client with a metadata document publishes it. */
const clientDocument = "https://claude.ai/oauth/claude-code-client-metadata";

/** A stack where people sign in on a page of its own. */
export const demoTour: Tour = {
  name: "of a server with its own sign-in",
  stops: [
    "home",
    "home-opened",
    "endpoint",
    "not-found",
    "sign-in",
    "sign-in-problem",
    "consent-registered",
    "consent-loopback",
    "consent-document",
    "consent-nothing-ticked",
    "consent-look-alike",
    "connections-empty",
    "connections",
    "connections-ended",
    "token-new",
    "token-made",
    "connections-token",
    "error-used",
    "error-unknown-client",
    "error-redirect",
    "error-unverifiable-client",
    "error-other-person",
    "connections-first-page",
    "connections-last-page",
    "connections-end-all",
  ],
  async start() {
    const server = await startStackServer({
      outbound: serveDocument,
      settings: { personalTokens: "90" },
    });
    const { origin } = server;
    return {
      origin,
      async walk(page, look) {
        const apps = await walkToConsent(page, origin, look);
        await walkConnections(page, apps, look);
        await walkTokens(page, origin, look);
        await walkProblems(page, apps[1], look);
        await walkManyConnections(page, origin, look);
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

/** What the Worker fetches: one client's metadata document. */
function serveDocument(url: string): Response {
  if (url !== clientDocument) return new Response("Nobody is here.", { status: 404 });
  return Response.json({
    client_id: clientDocument,
    client_name: "Claude Code",
    redirect_uris: ["http://localhost/callback"],
    token_endpoint_auth_method: "none",
  });
}

/** A client on the web, one on this machine, and one with a metadata document. */
type Apps = readonly [OAuthApp, OAuthApp, OAuthApp];

async function walkToConsent(page: Page, origin: string, look: Look): Promise<Apps> {
  await page.goto(origin);
  await look("home");
  // An address with an anchor opens what is closed.
  await page.goto(`${origin}/#claude-code`);
  for (const tool of (await page.locator(".tools summary").all()).slice(0, 2)) await tool.click();
  await look("home-opened");
  await page.goto(`${origin}/mcp`);
  await look("endpoint");
  await page.goto(`${origin}/nothing`);
  await look("not-found");

  const web = await OAuthApp.register(origin, "Chat of Example", "https://chat.example/callback");
  await page.goto(web.begin({ scope }).url.href);
  await look("sign-in");
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator("[aria-invalid]").first().waitFor();
  await look("sign-in-problem");
  await signIn(page, "ada@example.com", /^Allow/);
  await look("consent-registered");

  const local = await OAuthApp.register(origin, "MCP CLI Proxy");
  await page.goto(local.begin({ scope }).url.href);
  await look("consent-loopback");
  const document = OAuthApp.known(origin, clientDocument, "http://localhost:52346/callback");
  await page.goto(document.begin({ scope }).url.href);
  await look("consent-document");
  for (const tick of await page.locator("[name=scope]").all()) await tick.uncheck();
  await page.getByRole("button", { name: "Approve" }).click();
  await page.getByText("Nothing was ticked").waitFor();
  await look("consent-nothing-ticked");
  // The second letter is Cyrillic, the third Latin.
  const imitation = await OAuthApp.register(origin, "C\u04cfaude", "https://chat.example/callback");
  await page.goto(imitation.begin({ scope }).url.href);
  await look("consent-look-alike");
  return [web, local, document];
}

async function walkConnections(page: Page, apps: Apps, look: Look): Promise<void> {
  const url = `${apps[0].origin}/connections`;
  await page.goto(url);
  await look("connections-empty");
  for (const app of apps) {
    await page.goto(app.begin({ scope }).url.href);
    await page.getByRole("button", { name: "Approve" }).click();
    await page.waitForURL(`${app.redirectUri.replace("localhost", "*")}?**`);
  }
  await page.goto(url);
  await look("connections");
  await page
    .getByRole("button", { name: /^Disconnect / })
    .first()
    .click();
  await page.getByText("1 app is disconnected.").waitFor();
  await look("connections-ended");
}

async function walkTokens(page: Page, origin: string, look: Look): Promise<void> {
  await page.goto(`${origin}/connections`);
  await page.getByRole("link", { name: "New token" }).click();
  await page.getByRole("heading", { level: 1, name: "New token" }).waitFor();
  await look("token-new");
  await page.getByLabel("What it is for").fill("Nightly report");
  await page.locator("[name=scope]").first().check();
  await press(page, "Make the token", /^Your new token/);
  await look("token-made");
  await page.getByRole("link", { name: "I have copied it" }).click();
  await page.getByText("A token that you made").waitFor();
  await look("connections-token");
}

async function walkProblems(page: Page, app: OAuthApp, look: Look): Promise<void> {
  const { origin, clientId } = app;
  await page.goto(app.begin({ scope }).url.href);
  await page.locator("[name=handle]").evaluate((field) => field.setAttribute("value", "used"));
  await press(page, "Approve", "This page no longer counts");
  await look("error-used");
  const wrong = {
    "error-unknown-client": OAuthApp.known(origin, "gone", "http://localhost:8091/callback"),
    "error-redirect": OAuthApp.known(origin, clientId, "https://elsewhere.example/callback"),
    "error-unverifiable-client": OAuthApp.known(
      origin,
      "https://gone.example/client.json",
      "http://localhost:8091/callback",
    ),
  };
  for (const [stop, client] of Object.entries(wrong)) {
    await page.goto(client.begin({ scope }).url.href);
    await look(stop);
  }
}

/** Somebody signs in as somebody else in a second tab, who has more connections than a page shows. */
async function walkManyConnections(page: Page, origin: string, look: Look): Promise<void> {
  const grace = new Person("grace@example.com");
  for (let number = 1; number <= 10; number++) {
    const name = `Assistant number ${number} of Example's research department`;
    const app = await OAuthApp.register(origin, name, "https://chat.example/callback");
    await app.logIn(grace, { scope });
  }
  await page.goto(`${origin}/connections`);
  const tab = await page.context().newPage();
  await tab.goto(`${origin}/connections`);
  await press(tab, "Sign out", "Sign in");
  await signIn(tab, grace.email, "Your connections");
  await tab.close();
  await press(page, /^Disconnect /, "Somebody else is signed in now");
  await look("error-other-person");
  await page.getByRole("link", { name: "Try again" }).click();
  await page.getByText("Page 1 of 2").waitFor();
  await look("connections-first-page");
  await page.getByRole("link", { name: "Older" }).click();
  await page.getByText("Page 2 of 2").waitFor();
  await look("connections-last-page");
  await page.goto(page.url());
  await page.getByText("Disconnect all 10 apps").click();
  await look("connections-end-all");
}

/** Signs in on the page in front. @param heading of the page that comes then. */
async function signIn(page: Page, email: string, heading: string | RegExp): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("anything");
  await press(page, "Sign in", heading);
}
