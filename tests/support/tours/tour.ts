import type { Page } from "playwright-core";

/** Takes in the page in front of it. @param stop its name, in kebab case: a picture's name, too. */
export type Look = (stop: string) => Promise<void>;

/** A way over pages of this server. */
export interface Tour {
  /** Where it leads, as the end of a sentence. */
  readonly name: string;
  /** Every page it leads to, in its order. */
  readonly stops: readonly string[];
  /** Starts what it leads over. */
  start(): Promise<TourGuide>;
}

/** Leads a person over the pages, by what the pages let them do. */
export interface TourGuide extends AsyncDisposable {
  /** Of the server whose pages they are. */
  readonly origin: string;
  /** Where another server sends the browser that comes to it. Default: an empty page, where it stays. */
  sendOn?(url: URL): URL | undefined | Promise<URL>;
  walk(page: Page, look: Look): Promise<void>;
}

/** Scopes that the tours' apps ask for. */
export const tourScope = "demo:use demo:profile demo:write";

/** Walks a tour in a page. Whatever the browser asks of other servers is answered here. */
export async function takeTour(page: Page, guide: TourGuide, look: Look): Promise<void> {
  await page.route(
    (url) => url.origin !== guide.origin,
    async (route) => {
      const target = await guide.sendOn?.(new URL(route.request().url()));
      if (target === undefined) {
        const body = '<title>Back</title><link rel="icon" href="data:,">';
        return route.fulfill({ contentType: "text/html", body });
      }
      return route.fulfill({ status: 302, headers: { location: target.href } });
    },
  );
  await guide.walk(page, look);
}

/** Presses the first button of a name, and waits for the page that is to come. @param heading of it. */
export async function press(
  page: Page,
  name: string | RegExp,
  heading: string | RegExp,
): Promise<void> {
  await page.getByRole("button", { name }).first().click();
  await page.getByRole("heading", { level: 1, name: heading }).waitFor();
}
