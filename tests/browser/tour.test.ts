import type { Page, Response } from "playwright-core";
import { expect } from "vitest";
import budgets from "../bench/budgets.json" with { type: "json" };
import { findViolations } from "../support/axe.ts";
import { test } from "../support/browser-test.ts";
import { colorSchemes, takePictures } from "../support/pictures.ts";
import { tours } from "../support/tours/index.ts";
import { takeTour } from "../support/tours/tour.ts";
import { expectToFit, watchPages } from "../support/watch-pages.ts";

/** Chromium reports each page of ours with such a status; that is what those pages are to say. */
const ownStatus = /status of (400|401|403|404|409|429|503)/;

test.for(tours)(
  "on the tour $name no page asks another host for anything, moves under the reader, is too big or locks anybody out",
  { timeout: 900_000 },
  async (tour, { chromium, skip }) => {
    await using context = await chromium.open(skip);
    await using guide = await tour.start();
    const elsewhere = ["https://github.com", "https://idp.example.test"];
    const clients = ["https://chat.example", "http://localhost:8091", "http://localhost:52346"];
    const watch = watchPages(context, [guide.origin, ...clients, ...elsewhere]);
    const page = await context.newPage();
    const sizes = recordSizes(page);

    const seen: string[] = [];
    await takeTour(page, guide, async (stop) => {
      seen.push(stop);
      expect(await readLayoutShift(page), stop).toBe(0);
      await expectToFit(page);
      if (stop.startsWith("consent-")) await expectOnFirstScreen(page, "Approve");
      for (const colorScheme of colorSchemes) {
        await page.emulateMedia({ colorScheme });
        expect(await findViolations(page), `${stop}, ${colorScheme}`).toEqual([]);
      }
      await page.emulateMedia({ colorScheme: null });
      await takePictures(page, stop);
      const { pageBytes, styleBytes } = await sizes();
      console.log(`${stop}: ${pageBytes} bytes, with its style ${pageBytes + styleBytes}`);
      expect(pageBytes, stop).toBeGreaterThan(500);
      expect(pageBytes, stop).toBeLessThanOrEqual(budgets.pages.pageBytes);
      expect(styleBytes, stop).toBeGreaterThan(500);
      expect(styleBytes, stop).toBeLessThanOrEqual(budgets.pages.styleBytes);
      expect(pageBytes + styleBytes, stop).toBeLessThanOrEqual(budgets.pages.bytes);
    });
    expect(seen).toEqual(tour.stops);
    expect(watch.problems.filter((text) => !ownStatus.test(text))).toEqual([]);
  },
);

test("the checks of a page find what they look for", async ({ chromium, skip }) => {
  await using context = await chromium.open(skip);
  const page = await context.newPage();
  await page.goto(
    `data:text/html,<p id=a style="color:%23ccc;background:white">Pale</p><p>Moves</p>`,
  );
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))");
  await page.evaluate("document.getElementById('a').style.marginTop = '300px'");
  await expect.poll(() => readLayoutShift(page)).toBeGreaterThan(0);
  const violations = await findViolations(page);
  expect(violations.join("\n")).toMatch(/color-contrast/);
  expect(violations.join("\n")).toMatch(/html-has-lang/);
});

/** Expects a button where nobody has to scroll to it, on a small laptop's screen. */
async function expectOnFirstScreen(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  await page.setViewportSize({ width: 1280, height: 800 });
  const box = await page.getByRole("button", { name }).boundingBox();
  expect((box?.y ?? Infinity) + (box?.height ?? 0), page.url()).toBeLessThanOrEqual(800);
  if (before !== null) await page.setViewportSize(before);
}

/** How much the page has moved since it was opened, as Core Web Vitals count it. */
function readLayoutShift(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve, reject) => {
    if (!PerformanceObserver.supportedEntryTypes.includes("layout-shift")) reject("not measured");
    let sum = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        // What the reader opens may move what is below.
        if (!entry.hadRecentInput) sum += entry.value;
      }
    });
    observer.observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => setTimeout(() => resolve(sum), 0));
  })`);
}

/** @returns what reads the bytes of the page in front and of its style sheet. */
function recordSizes(page: Page) {
  const last = new Map<string, Response>();
  page.on("response", (response) => {
    if (response.status() !== 303) last.set(response.request().resourceType(), response);
  });
  const measure = async (type: string) => (await last.get(type)?.body())?.length ?? 0;
  let styleBytes = 0;
  return async () => {
    // The browser keeps the style sheet, so it comes once.
    styleBytes ||= await measure("stylesheet");
    return { pageBytes: await measure("document"), styleBytes };
  };
}
