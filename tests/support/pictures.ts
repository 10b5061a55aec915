import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

/** Both of a system's colour schemes. */
export const colorSchemes = ["light", "dark"] as const;

/** Width of a picture in pixels: the cards with some paper around them. */
const pictureSize = { width: 760, height: 700 };

/** Folder for pictures of the pages that browser tests see: the variable SCREENSHOTS. Without it, they take none. */
export function findPicturesFolder(): string | undefined {
  return process.env.SCREENSHOTS || undefined;
}

/**
 * Takes the page in front, whole, light and dark: `<name>-light.png` and `<name>-dark.png`.
 * @param folder default: that of browser tests.
 */
export async function takePictures(
  page: Page,
  name: string,
  folder = findPicturesFolder(),
): Promise<void> {
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  const before = page.viewportSize();
  await page.setViewportSize(pictureSize);
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: null });
  if (before !== null) await page.setViewportSize(before);
}
