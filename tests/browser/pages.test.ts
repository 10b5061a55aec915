import type { Page } from "playwright-core";
import { expect } from "vitest";
import { test } from "../support/browser-test.ts";
import { startCallbackServer } from "../support/callback-server.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { takePictures } from "../support/pictures.ts";
import { toolNames } from "../support/tool-names.ts";
import { expectToFit, readFocus, watchPages } from "../support/watch-pages.ts";

test("without scripts a person reads the home page, signs in and approves by keyboard", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip, { javaScriptEnabled: false });
  await using callback = await startCallbackServer();
  const watch = watchPages(context, [server.origin, new URL(callback.redirectUri).origin]);
  const page = await context.newPage();

  await page.goto(server.origin);
  expect(await page.locator(".tools summary code").allTextContents()).toEqual(toolNames);
  const desktop = page.locator("details", { hasText: "Claude Desktop" });
  expect(await desktop.locator("pre").textContent()).toBe(
    JSON.stringify(
      { mcpServers: { example: { command: "npx", args: ["mcp-remote", `${server.origin}/sse`] } } },
      null,
      2,
    ),
  );
  await expectToFit(page);
  await takePictures(page, "home-without-scripts");

  const longName = `A client with a name of ${"many-".repeat(20)}letters`;
  const shownName = `${longName.slice(0, 60)}…`;
  const app = await OAuthApp.register(server.origin, longName, callback.redirectUri);
  const authorization = app.begin();
  const { url, state } = authorization;
  await page.goto(url.href);
  expect(await page.locator("main").textContent()).toContain(`${shownName} wants to use`);
  await expectToFit(page);
  await takePictures(page, "keyboard-sign-in");
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toBe("Email");
  await page.keyboard.type("keys@example.com");
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toBe("Password");
  await page.keyboard.type("anything");
  await page.keyboard.press("Enter");

  await page.getByText("keys@example.com").waitFor();
  await expectToFit(page);
  await takePictures(page, "keyboard-consent");
  const stops = [
    "Use another account",
    "Use the small tools",
    "6 tools",
    "See who you are",
    "1 tool",
    "Do not ask again in this browser",
    "Approve",
  ];
  for (const stop of stops) {
    await page.keyboard.press("Tab");
    expect(await readFocus(page)).toBe(stop);
    // Space unticks a box; nothing else has been pressed so far.
    if (stop.startsWith("See who you are")) await page.keyboard.press("Space");
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(`${callback.redirectUri}?**`);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    code: expect.any(String),
    state,
    iss: server.origin,
  });
  const { body } = await app.redeem(readCode(new URL(page.url())), authorization);
  expect(body.scope).toBe("demo:use");
  expect(watch.problems).toEqual([]);
});

test("without scripts a person ends one connection, then all, and signs out, by keyboard", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip, { javaScriptEnabled: false });
  const watch = watchPages(context, [server.origin]);
  const keys = new Person("more-keys@example.com");
  const tokens = new Map<string, string>();
  for (const name of ["Kept", "Ended", "Kept too"]) {
    const app = await OAuthApp.register(server.origin, name);
    tokens.set(name, (await app.logIn(keys)).accessToken);
  }
  const listWorking = async () => {
    const url = `${server.origin}/mcp`;
    const answers = [...tokens].map(
      async ([name, token]) => [name, (await postMessage(url, token)).status] as const,
    );
    return (await Promise.all(answers)).flatMap(([name, status]) => (status === 200 ? [name] : []));
  };
  const page = await context.newPage();
  const { keyboard } = page;
  /** Presses Tab once for each stop. */
  const tabOver = async (...stops: readonly string[]) => {
    for (const stop of stops) {
      await keyboard.press("Tab");
      expect(await readFocus(page)).toBe(stop);
    }
  };

  await page.goto(`${server.origin}/connections`);
  await tabOver("Email");
  await keyboard.type(keys.email);
  await tabOver("Password");
  await keyboard.type("anything");
  await keyboard.press("Enter");
  await page.getByText(`Signed in as ${keys.email}`).waitFor();
  await takePictures(page, "keyboard-connections");
  await tabOver(
    "Sign out",
    "Disconnect",
    "Disconnect",
    "Disconnect",
    "Disconnect all 3 apps",
    "About Example",
  );
  // Back to the one that is to end. They were made in one second, in which any may be the newest.
  const focused = page.locator(":focus");
  const isAtEnded = async () => {
    const label = await focused.getAttribute("aria-label");
    return label?.startsWith("Disconnect Ended, connected since ") === true;
  };
  for (let count = 0; count < 5 && !(await isAtEnded()); count++) await keyboard.press("Shift+Tab");
  expect(await isAtEnded()).toBe(true);
  await keyboard.press("Enter");
  await page.getByText("1 app is disconnected.").waitFor();
  expect(await listWorking()).toEqual(["Kept", "Kept too"]);

  await tabOver("Sign out", "Disconnect", "Disconnect", "Disconnect all 2 apps");
  // It asks once more before it ends them.
  await keyboard.press("Space");
  await tabOver("Disconnect all");
  await takePictures(page, "keyboard-end-all");
  expect(await listWorking()).toEqual(["Kept", "Kept too"]);
  await keyboard.press("Space");
  await page.getByText("2 apps are disconnected.").waitFor();
  expect(await listWorking()).toEqual([]);

  await tabOver("Sign out");
  await keyboard.press("Enter");
  await page.getByLabel("Email").waitFor();
  await tabOver("Email");
  // Nothing of theirs is shown to who comes next.
  await page.goto(`${server.origin}/connections`);
  expect(await page.locator("main").textContent()).not.toContain(keys.email);
  expect(watch.problems).toEqual([]);
});

test("without scripts a person finds the way from an endpoint's address, or a wrong one, to the steps for their app", async ({
  server,
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip, { javaScriptEnabled: false });
  const page = await context.newPage();
  for (const path of ["/mcp", "/sse"]) {
    const answer = await page.goto(server.origin + path);
    expect([path, answer?.status()]).toEqual([path, 401]);
    await page.getByRole("heading", { name: "This address is for apps" }).waitFor();
    expect(await page.locator("pre").textContent()).toBe(server.origin + path);
    await page.getByRole("link", { name: "Steps for your app" }).click();
    await page.waitForURL(`${server.origin}/#connect`);
  }
  const missing = await page.goto(`${server.origin}/nothing`);
  expect(missing?.status()).toBe(404);
  await page.getByRole("link", { name: /^About / }).click();
  await page.waitForURL(`${server.origin}/`);
  // Whoever is sent to one app's steps sees them, and a press shows another's instead.
  expect(await page.locator("#claude-code").isVisible()).toBe(false);
  await page.goto(`${server.origin}/#claude-code`);
  await page.locator("#claude-code").waitFor();
  await page.getByText("Cursor", { exact: true }).click();
  await page.locator("#cursor").waitFor();
  expect(await page.locator("#claude-code").isVisible()).toBe(false);
});

test("the pages follow the system's light or dark colours", async ({ server, chromium, skip }) => {
  await using context = await chromium.open(skip, { javaScriptEnabled: false });
  const page = await context.newPage();
  const app = await OAuthApp.register(server.origin);
  for (const url of [server.origin, app.begin().url.href]) {
    await page.goto(url);
    await page.emulateMedia({ colorScheme: "light" });
    const light = await readColours(page);
    await page.emulateMedia({ colorScheme: "dark" });
    const dark = await readColours(page);
    expect(light.background, url).toBeGreaterThan(light.text);
    expect(dark.background, url).toBeLessThan(dark.text);
  }
});

test("with scripts every snippet can be copied at a press", async ({ server, chromium, skip }) => {
  await using context = await chromium.open(skip, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const watch = watchPages(context, [server.origin]);
  const page = await context.newPage();
  await page.goto(server.origin);
  expect(await page.locator("button.copy").count()).toBe(await page.locator("pre").count());
  await page.getByRole("button", { name: "Copy the address" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`${server.origin}/mcp`);
  await takePictures(page, "home-copied");
  expect(watch.problems).toEqual([]);
});

/** How bright a page's text and background are, from 0 to 255. */
async function readColours(page: Page): Promise<{ text: number; background: number }> {
  const read = async (property: string) => {
    const colour = await page.evaluate<string>(`getComputedStyle(document.body).${property}`);
    const [red = 0, green = 0, blue = 0, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha === 0) throw new Error(`The body of ${page.url()} has no ${property}.`);
    return (red + green + blue) / 3;
  };
  return { text: await read("color"), background: await read("backgroundColor") };
}
