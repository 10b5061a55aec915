import type { BrowserContext, Page } from "playwright-core";
import { expect } from "vitest";

/** The narrowest screen that WCAG 2.2 asks for (1.4.10), and an ordinary one. */
const widths = [320, 1280];

/** Collects what pages must not do: report an error, or ask another origin for something. */
export function watchPages(context: BrowserContext, origins: readonly string[]) {
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
export async function expectToFit(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    expect(wide, `${page.url()} at ${width} px`).toBeLessThanOrEqual(width);
  }
  if (before !== null) await page.setViewportSize(before);
}

/** The label of what the keyboard is at. */
export async function readFocus(page: Page): Promise<string> {
  const focused = page.locator(":focus");
  const id = await focused.getAttribute("id");
  const label = id === null ? focused : page.locator(`label[for="${id}"]`);
  return (await label.textContent())?.trim() ?? "";
}
