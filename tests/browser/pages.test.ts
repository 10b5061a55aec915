import type { Page } from "playwright-core";
import { expect } from "vitest";
import { startCallbackServer } from "../support/callback-server.ts";
import { type Chromium, startChromium } from "../support/chromium.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

/** The narrowest screen that WCAG 2.2 asks for (1.4.10), and an ordinary one. */
const widths = [320, 1280];

test("without scripts a person reads the home page, signs in and approves by keyboard", async ({
  server,
  skip,
}) => {
  await using chromium = await startChromium(skip, { javaScriptEnabled: false });
  await using callback = await startCallbackServer();
  const watch = watchPages(chromium, [server.origin, new URL(callback.redirectUri).origin]);
  const page = await chromium.context.newPage();

  await page.goto(server.origin);
  expect(await page.locator("dt code").allTextContents()).toEqual(toolNames);
  const desktop = page.locator("details", { hasText: "Claude Desktop" });
  expect(await desktop.locator("pre").textContent()).toBe(
    JSON.stringify(
      { mcpServers: { math: { command: "npx", args: ["mcp-remote", `${server.origin}/sse`] } } },
      null,
      2,
    ),
  );
  await expectToFit(page);

  const longName = `A client with a name of ${"many-".repeat(20)}letters`;
  const app = await OAuthApp.register(server.origin, longName, callback.redirectUri);
  const { url, state } = app.begin();
  await page.goto(url.href);
  expect(await page.locator("main").textContent()).toContain(longName);
  await expectToFit(page);
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toBe("Email");
  await page.keyboard.type("keys@example.com");
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toBe("Password");
  await page.keyboard.type("anything");
  await page.keyboard.press("Enter");

  await page.getByText("Signed in as keys@example.com").waitFor();
  await expectToFit(page);
  await page.keyboard.press("Tab");
  expect(await readFocus(page)).toBe("Approve");
  await page.keyboard.press("Enter");
  await page.waitForURL(`${callback.redirectUri}?**`);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    code: expect.any(String),
    state,
    iss: server.origin,
  });
  expect(watch.problems).toEqual([]);
});

test("the pages follow the system's light or dark colours", async ({ server, skip }) => {
  await using chromium = await startChromium(skip, { javaScriptEnabled: false });
  const page = await chromium.context.newPage();
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

test("with scripts every snippet can be copied at a press", async ({ server, skip }) => {
  await using chromium = await startChromium(skip, {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  const watch = watchPages(chromium, [server.origin]);
  const page = await chromium.context.newPage();
  await page.goto(server.origin);
  expect(await page.locator("button.copy").count()).toBe(await page.locator("pre").count());
  await page.getByRole("button", { name: "Copy the SSE address" }).click();
  await page.getByText("Copied").waitFor();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(`${server.origin}/sse`);
  expect(watch.problems).toEqual([]);
});

/** Collects what pages must not do: report an error, or ask another origin for something. */
function watchPages({ context }: Chromium, origins: readonly string[]) {
  const problems: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
  });
  context.on("weberror", (error) => problems.push(String(error.error())));
  context.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (!origins.includes(origin) && origin !== "null") problems.push(`asked ${request.url()}`);
  });
  return { problems };
}

/** Expects that nothing has to be scrolled sideways, but what scrolls by itself. */
async function expectToFit(page: Page): Promise<void> {
  const height = 800;
  for (const width of widths) {
    await page.setViewportSize({ width, height });
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide, `${page.url()} at ${width} px`).toBeLessThanOrEqual(width);
  }
}

/** The label of what the keyboard is at. */
async function readFocus(page: Page): Promise<string> {
  const focused = page.locator(":focus");
  const id = await focused.getAttribute("id");
  const label = id === null ? focused : page.locator(`label[for="${id}"]`);
  return (await label.textContent())?.trim() ?? "";
}

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
