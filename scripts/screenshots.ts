/** `npm run screenshots`: takes the README's picture from the running product. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { projectRoot } from "../infra/bundle.ts";
import { DevServer } from "./dev/server.ts";

const directory = await mkdtemp(join(tmpdir(), "screenshots-"));
// The address people see: a free port would change the picture each time.
const server = await DevServer.start({ stack: "dev", port: 8787, directory });
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
});
const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
await page.goto(`${server.origin}/`);
await page.screenshot({ path: join(projectRoot, "docs/home.png") });
await browser.close();
await server[Symbol.asyncDispose]();
await rm(directory, { recursive: true, force: true });
