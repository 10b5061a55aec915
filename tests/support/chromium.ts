import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from "playwright-core";
import type { TestContext } from "vitest";
import { requireOrSkip } from "./require-all.ts";
import { makeTempFolder, type TempFolder } from "./temp-folder.ts";

const howToGetIt =
  "No Chromium found. Install one (Debian and Ubuntu: apt-get install chromium), or set CHROME_PATH to the program of a Chromium or Chrome.";

/**
 * Features that Chromium does without. A switch replaces Playwright's own (`chromiumSwitches.ts`), so these are its
 * features for Chromium, but for the first line: a renderer for what the address bar would show, for each context.
 */
const disabledFeatures = [
  ...["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"],
  ...["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"],
  ...["HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"],
  ...["ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"],
  ...["NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"],
];

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

/**
 * Chromium without a window, for tests that follow each other: it starts when the first of them opens it. A start costs
 * more than most of them do.
 */
export class Chromium implements AsyncDisposable {
  #started: Promise<Started> | undefined;

  /**
   * Opens it as it is to who never used it, without cookies, storage and permissions. Only the clipboard is everybody's.
   * Skips the test where there is none.
   */
  async open(
    skip: TestContext["skip"],
    options: BrowserContextOptions = {},
  ): Promise<BrowserContext> {
    const path = requireOrSkip(skip, findChromium(), howToGetIt);
    this.#started ??= start(path);
    return (await this.#started).browser.newContext(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const started = await this.#started;
    await started?.browser.close();
    await started?.home[Symbol.asyncDispose]();
  }
}

interface Started {
  readonly browser: Browser;
  readonly home: TempFolder;
}

async function start(executablePath: string): Promise<Started> {
  const home = await makeTempFolder();
  const browser = await chromium.launch({
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
      `--disable-features=${disabledFeatures.join(",")}`,
    ],
  });
  return { browser, home };
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
