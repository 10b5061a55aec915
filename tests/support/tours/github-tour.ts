import type { Page } from "playwright-core";
import { GitHubDouble, gitHubApp } from "../github-double.ts";
import { OAuthApp } from "../oauth-app.ts";
import { type StackServer, startStackServer } from "../stack-server.ts";
import { type Look, press, tourScope as scope, type Tour } from "./tour.ts";

/** Requests a minute that the stack takes at /authorize: more than the tour needs before it is to be too many. */
const limit = 30;

/** A stack where people sign in at GitHub, and which lets in one organisation. The person is not in it. */
export const gitHubTour: Tour = {
  name: "of a server whose people sign in elsewhere",
  stops: [
    "sign-in-elsewhere",
    "refused",
    "consent-before-sign-in",
    "error-sign-in-unavailable",
    "error-sign-in-invalid",
    "error-sign-in-used",
    "refused-to-an-app",
    "error-too-many-requests",
  ],
  async start() {
    const github = new GitHubDouble({ eve: { id: 666 } });
    const server = await startStackServer({
      settings: {
        identityMethod: "github",
        githubClientId: gitHubApp.id,
        allowedOrganizations: '["acme"]',
        authorizationsPerMinute: String(limit),
      },
      secrets: { githubClientSecret: gitHubApp.secret },
      outbound: github.outbound,
    });
    return {
      origin: server.origin,
      sendOn: (url) => (url.host === "github.com" ? github.authorize(url, "eve") : undefined),
      async walk(page, look) {
        await walkToRefusal(page, server, look);
        await walkSignInProblems(page, server, github, look);
        await walkTooMany(page, server, look);
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

async function walkToRefusal(page: Page, { origin }: StackServer, look: Look): Promise<void> {
  await page.goto(`${origin}/connections`);
  await look("sign-in-elsewhere");
  await press(page, "Sign in with GitHub", "You have no access");
  await look("refused");
  await press(page, "Use another account", "Sign in");
}

async function walkSignInProblems(
  page: Page,
  { origin }: StackServer,
  github: GitHubDouble,
  look: Look,
): Promise<void> {
  const app = await OAuthApp.register(origin, "Chat of Example", "https://chat.example/callback");
  const open = () => page.goto(app.begin({ scope }).url.href);
  await open();
  await look("consent-before-sign-in");
  github.interfere = () => new Response("GitHub is down.", { status: 503 });
  await press(page, "Approve", "Sign-in does not answer");
  await look("error-sign-in-unavailable");
  github.interfere = () => Response.json({ error: "incorrect_client_credentials" });
  await open();
  await press(page, "Approve", "Sign-in did not work");
  await look("error-sign-in-invalid");
  await page.reload();
  await look("error-sign-in-used");
  github.interfere = () => undefined;
  await open();
  await press(page, "Approve", "You have no access");
  await look("refused-to-an-app");
}

async function walkTooMany(page: Page, { origin }: StackServer, look: Look): Promise<void> {
  // A minute that ends meanwhile starts the count anew.
  for (let count = 0; count <= 2 * limit; count++) {
    const answer = await page.goto(`${origin}/authorize?client_id=none`);
    if (answer?.status() === 429) return look("error-too-many-requests");
  }
  throw new Error(`None of ${2 * limit + 1} requests was too many.`);
}
