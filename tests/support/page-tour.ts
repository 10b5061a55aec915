import type { Page } from "playwright-core";
import { startClosedServer } from "./closed-server.ts";
import { OAuthApp } from "./oauth-app.ts";
import { type StackServer, startStackServer } from "./stack-server.ts";

/** Where the tour's client with a metadata document publishes it. */
const clientDocument = "https://claude.ai/oauth/claude-code-client-metadata";

const scope = "math:use profile:read memory:write";

/** Every page that people see, by name, in the order of the tour. */
export const tourStops = [
  "home",
  "sign-in",
  "sign-in-problem",
  "consent-registered",
  "consent-loopback",
  "consent-document",
  "consent-nothing-ticked",
  "connections-empty",
  "connections",
  "connections-ended",
  "error-used",
  "error-unknown-client",
  "error-redirect",
  "refused",
] as const;

/** A page of the tour. */
export type TourStop = (typeof tourStops)[number];

/** The servers that a tour leads over. */
export interface TourServers extends AsyncDisposable {
  /** Lets everybody in. */
  readonly open: StackServer;
  /** Lets in one address only, which nobody can prove to the demo. */
  readonly closed: StackServer;
}

/** Starts them. What they fetch is answered here: one client's metadata document. */
export async function startTourServers(): Promise<TourServers> {
  await using starting = new AsyncDisposableStack();
  const outbound = (url: string) =>
    url === clientDocument
      ? Response.json({
          client_id: clientDocument,
          client_name: "Claude Code",
          redirect_uris: ["http://localhost/callback"],
          token_endpoint_auth_method: "none",
        })
      : new Response("Nobody is here.", { status: 404 });
  const open = starting.use(await startStackServer({ outbound }));
  const closed = starting.use(await startClosedServer());
  const started = starting.move();
  return { open, closed, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Lets every address but the servers' answer with an empty page: the clients that are sent back to. */
export async function standForClients(page: Page, { open, closed }: TourServers): Promise<void> {
  const own = [open.origin, closed.origin];
  await page.route(
    (url) => !own.includes(url.origin),
    (route) =>
      route.fulfill({
        contentType: "text/html",
        body: '<title>Back</title><link rel="icon" href="data:,">',
      }),
  );
}

/**
 * Leads a person over every page, by what the pages let them do.
 * @param look is called at each page.
 */
export async function tourPages(
  page: Page,
  { open, closed }: TourServers,
  look: (stop: TourStop) => Promise<void>,
): Promise<void> {
  const { origin } = open;
  const press = (name: string | RegExp) => page.getByRole("button", { name }).first().click();
  const approve = async (app: OAuthApp) => {
    await page.goto(app.begin({ scope }).url.href);
    await press("Approve");
    await page.waitForURL(`${app.redirectUri.replace("localhost", "*")}?**`);
  };
  await page.goto(origin);
  await look("home");

  const web = await OAuthApp.register(origin, "Chat of Example", "https://chat.example/callback");
  await page.goto(web.begin({ scope }).url.href);
  await look("sign-in");
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await press("Sign in");
  await look("sign-in-problem");
  await signIn(page, "ada@example.com");
  await look("consent-registered");

  const local = await OAuthApp.register(origin, "MCP CLI Proxy");
  await page.goto(local.begin({ scope }).url.href);
  await look("consent-loopback");
  const document = OAuthApp.known(origin, clientDocument, "http://localhost:52346/callback");
  await page.goto(document.begin({ scope }).url.href);
  await look("consent-document");
  for (const tick of await page.locator("[name=scope]").all()) await tick.uncheck();
  await press("Approve");
  await look("consent-nothing-ticked");

  await page.goto(`${origin}/connections`);
  await look("connections-empty");
  for (const app of [web, local, document]) await approve(app);
  await page.goto(`${origin}/connections`);
  await look("connections");
  await press(/^End the connection/);
  await look("connections-ended");

  await page.goto(local.begin({ scope }).url.href);
  await page.locator("[name=handle]").evaluate((field) => field.setAttribute("value", "used"));
  await press("Approve");
  await look("error-used");
  const lost = OAuthApp.known(origin, "gone", "http://localhost:8091/callback");
  await page.goto(lost.begin({ scope }).url.href);
  await look("error-unknown-client");
  const moved = OAuthApp.known(origin, local.clientId, "https://elsewhere.example/callback");
  await page.goto(moved.begin({ scope }).url.href);
  await look("error-redirect");

  await page.goto(`${closed.origin}/connections`);
  await signIn(page, "stranger@example.com");
  await look("refused");
}

/** Signs in on the page in front. */
async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("anything");
  await page.getByRole("button", { name: "Sign in" }).click();
}
