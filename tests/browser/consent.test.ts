import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../support/browser-test.ts";
import { startCallbackServer } from "../support/callback-server.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { type Authorization, OAuthApp, readCode } from "../support/oauth-app.ts";
import { takePictures } from "../support/pictures.ts";

const scope = "demo:use demo:profile demo:write";

/** Presses a button by its words. */
function press(page: Page, name: string): Promise<void> {
  return page.getByRole("button", { name }).click();
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("anything");
  await press(page, "Sign in");
}

/** Waits until the browser is at the client. @returns where it is. */
async function arrive(page: Page, { redirectUri }: OAuthApp): Promise<URL> {
  await page.waitForURL(`${redirectUri}?**`);
  return new URL(page.url());
}

/** The scopes that the client gets for the code in front of the person. */
async function redeem(page: Page, app: OAuthApp, begun: Authorization): Promise<string[]> {
  const { status, body } = await app.redeem(readCode(await arrive(page, app)), begun);
  expect(status).toBe(200);
  return (body.scope ?? "").split(" ");
}

test("in Chromium a person unticks, denies, goes back, is remembered, and is asked for more", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip);
  await using callback = await startCallbackServer();
  const page = await context.newPage();
  const app = await OAuthApp.register(server.origin, "Chromium's client", callback.redirectUri);

  // A scope that is unticked is not in the token.
  const begun = app.begin({ scope });
  await page.goto(begun.url.href);
  await signIn(page, "chromium@example.com");
  await page.getByLabel("Keep things for you").uncheck();
  await takePictures(page, "answer-unticked");
  await press(page, "Approve");
  expect(await redeem(page, app, begun)).toEqual(["demo:use", "demo:profile"]);

  // Back: the page is asked anew, and can be answered anew.
  await page.goBack();
  await takePictures(page, "answer-back-again");
  await press(page, "Deny");
  const denied = await arrive(page, app);
  expect(denied.searchParams.get("error")).toBe("access_denied");
  expect(denied.searchParams.get("state")).toBe(begun.state);
  await page.goBack();
  // The browser keeps what a person has ticked and unticked.
  expect(await page.getByLabel("Keep things for you").isChecked()).toBe(false);
  await page.getByLabel("Keep things for you").check();
  await page.getByLabel("Do not ask again").check();
  await press(page, "Approve");
  expect(await redeem(page, app, begun)).toContain("demo:write");

  // Remembered: no page, unless the client wants more or says that the person shall be asked.
  const again = app.begin({ scope: "demo:use" });
  await page.goto(again.url.href);
  expect(await redeem(page, app, again)).toEqual(["demo:use"]);
  for (const change of [{ scope: `${scope} demo:read` }, { prompt: "consent" }]) {
    const { url } = app.begin({ scope });
    for (const [name, value] of Object.entries(change)) url.searchParams.set(name, value);
    await page.goto(url.href);
    await page.getByRole("button", { name: "Approve" }).waitFor();
    await takePictures(page, `answer-asked-for-${Object.keys(change)[0]}`);
  }
});

test("in Chromium two tabs and two presses end in one connection each", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip);
  await using callback = await startCallbackServer();
  const [first, second] = [await context.newPage(), await context.newPage()];
  const app = await OAuthApp.register(server.origin, "Tabs", callback.redirectUri);
  const begun = [app.begin(), app.begin()] as const;
  await first.goto(begun[0].url.href);
  await signIn(first, "tabs@example.com");
  await second.goto(begun[1].url.href);
  await first.getByRole("button", { name: "Approve" }).waitFor();

  await press(second, "Approve");
  await redeem(second, app, begun[1]);
  // The first press ends in a tab of its own, so that the page stays and can be pressed again.
  const approve = first.getByRole("button", { name: "Approve" });
  const form = first.locator("form", { has: approve });
  await form.evaluate((element) => element.setAttribute("target", "_blank"));
  const [answered] = await Promise.all([context.waitForEvent("page"), approve.click()]);
  await redeem(answered, app, begun[0]);
  await form.evaluate((element) => element.removeAttribute("target"));
  await approve.click();
  const usedUp = first.getByRole("heading", { name: "This page no longer counts" });
  await usedUp.waitFor();
  await takePictures(first, "answer-used-up");
  await first.getByRole("link", { name: "Try again" }).click();
  await press(first, "Approve");
  await redeem(first, app, begun[0]);
  // A double click: the browser makes one of it, or takes the second instead where the answer to the
  // first is slow. Then the page says so, and goes on.
  await first.goto(begun[0].url.href);
  await approve.dblclick();
  const isUsedUp = await Promise.race([
    first.waitForURL(`${app.redirectUri}?**`).then(() => false),
    usedUp.waitFor().then(() => true),
  ]);
  if (isUsedUp) {
    await first.getByRole("link", { name: "Try again" }).click();
    await press(first, "Approve");
  }
  await redeem(first, app, begun[0]);

  // The cookies of a page are gone: it says so.
  await first.goto(begun[0].url.href);
  const names = (await context.cookies()).map(({ name }) => name);
  for (const name of names.filter((one) => one.includes("consent"))) {
    await context.clearCookies({ name });
  }
  await press(first, "Approve");
  await usedUp.waitFor();
});

test("in Chromium a person sees what they connected, ends one, ends all, and signs out", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip, { javaScriptEnabled: false });
  await using callback = await startCallbackServer();
  const page = await context.newPage();
  await page.goto(server.origin);
  await page.getByRole("link", { name: "Your connections" }).click();
  await signIn(page, "owner@example.com");
  await page.getByText("No app may use Example for you").waitFor();
  await takePictures(page, "owner-without-connections");

  const tokens = new Map<string, string>();
  for (const name of ["One", "Two", "Three"]) {
    const app = await OAuthApp.register(server.origin, name, callback.redirectUri);
    const begun = app.begin();
    await page.goto(begun.url.href);
    await press(page, "Approve");
    const { body } = await app.redeem(readCode(await arrive(page, app)), begun);
    tokens.set(name, body.access_token ?? "");
  }
  const works = async (name: string) =>
    (await postMessage(`${server.origin}/mcp`, tokens.get(name) ?? "")).status === 200;

  await page.goto(`${server.origin}/connections`);
  await takePictures(page, "owner-three-connections");
  await press(page, "Disconnect Two");
  await page.getByText("1 app is disconnected.").waitFor();
  await takePictures(page, "owner-one-ended");
  const names = (await page.getByRole("heading", { level: 2 }).allTextContents()).toSorted();
  expect(names).toEqual(["One", "Three"]);
  expect([await works("One"), await works("Two"), await works("Three")]).toEqual([
    true,
    false,
    true,
  ]);

  await page.getByText("Disconnect all 2 apps").click();
  await press(page, "Disconnect all");
  await page.getByText("2 apps are disconnected.").waitFor();
  await takePictures(page, "owner-all-ended");
  // Reloading sends no form again.
  await page.reload();
  await page.getByText("No app may use Example for you").waitFor();
  expect([await works("One"), await works("Three")]).toEqual([false, false]);

  await press(page, "Sign out");
  await page.getByLabel("Email").waitFor();
  await takePictures(page, "owner-signed-out");
  // Going back shows nothing of what was there.
  await page.goBack();
  await page.getByLabel("Email").waitFor();
});
