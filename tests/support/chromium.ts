import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium } from "playwright-core";
import type { TestContext } from "vitest";
import { requireOrSkip } from "./require-all.ts";
import { makeTempFolder } from "./temp-folder.ts";

const howToGetIt =
  "No Chromium found. Install one (Debian and Ubuntu: apt-get install chromium), or set CHROME_PATH to the program of a Chromium or Chrome.";

/** Chromium without a window and with an empty profile. */
export interface Chromium extends AsyncDisposable {
  readonly context: BrowserContext;
}

/** What a context may be set to; see Playwright's `launchPersistentContext`. */
type ContextOptions = NonNullable<Parameters<typeof chromium.launchPersistentContext>[1]>;

/**
 * Path of a Chromium or Chrome on this machine, or undefined: the first of `CHROME_PATH`, chromium and
 * google-chrome, as `.ci/find-browser` has it.
 */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = (environment.PATH ?? "").split(delimiter);
  const candidates = [
    environment.CHROME_PATH ?? "",
    ...["chromium", "google-chrome"].flatMap((name) => folders.map((folder) => join(folder, name))),
  ];
  return candidates.find(isProgram);
}

/** Starts Chromium, or skips the test where there is none. */
export async function startChromium(
  skip: TestContext["skip"],
  options: ContextOptions = {},
): Promise<Chromium> {
  const executablePath = requireOrSkip(skip, findChromium(), howToGetIt);
  const home = await makeTempFolder();
  const context = await chromium.launchPersistentContext(join(home.path, "profile"), {
    ...options,
    executablePath,
    headless: true,
    // Crash reports and caches do not go to the profile.
    env: { ...process.env, HOME: home.path, XDG_CONFIG_HOME: home.path, XDG_CACHE_HOME: home.path },
    args: [
      // Containers have no user namespaces for the sandbox, and only our own pages are opened.
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      // Nothing but the pages under test may use the network.
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      await home[Symbol.asyncDispose]();
    },
  };
}

function isProgram(path: string): boolean {
  if (path === "") return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
