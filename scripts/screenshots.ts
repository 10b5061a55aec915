/**
 * `npm run screenshots`: takes the pictures of the README and of docs/ from the running product, and
 * one of every page, light and dark, into a folder that it prints.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { projectRoot } from "../infra/bundle.ts";
import { OAuthApp } from "../tests/support/oauth-app.ts";
import { takePictures } from "../tests/support/pictures.ts";
import { tours } from "../tests/support/tours/index.ts";
import { takeTour } from "../tests/support/tours/tour.ts";
import { DevServer } from "./dev/server.ts";
import { LocalCloud } from "./local-cloud/server.ts";

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

const tourFolder = await mkdtemp(join(tmpdir(), "pages-"));
for (const tour of tours) {
  await using guide = await tour.start();
  await using context = await browser.newContext();
  const tourPage = await context.newPage();
  await takeTour(tourPage, guide, (stop) => takePictures(tourPage, stop, tourFolder));
}
console.log(`Every page, light and dark: ${tourFolder}`);

// Again at the address people see, for the repository.
await showConsent(page);
await page.screenshot({ path: join(projectRoot, "docs/sign-in.png"), fullPage: true });

const cloud = await LocalCloud.start({
  port: 0,
  directory: join(directory, "cloud"),
  zones: ["example.com"],
});
await fillCloud(cloud);
await page.setViewportSize({ width: 1000, height: 1000 });
await page.goto(`http://127.0.0.1:${cloud.port}/`);
await page.locator("summary").nth(1).click();
await page.screenshot({ path: join(projectRoot, "docs/local-cloud.png") });
await cloud[Symbol.asyncDispose]();
await browser.close();
await server[Symbol.asyncDispose]();
await rm(directory, { recursive: true, force: true });

/** Signs in for a client on this machine, up to the consent page. */
async function showConsent(page: Page): Promise<void> {
  const app = await OAuthApp.register(server.origin, "MCP CLI Proxy");
  await page.setViewportSize({ width: 760, height: 700 });
  await page.goto(app.begin({ scope: "math:use profile:read memory:write" }).url.href);
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password").fill("anything");
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A Worker with what people give one. */
async function fillCloud({ baseUrl, accountId, token }: LocalCloud): Promise<void> {
  const call = async (method: string, path: string, body: string | FormData) => {
    const answer = await fetch(`${baseUrl}/accounts/${accountId}${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${token}` },
    });
    const { result } = (await answer.json()) as { readonly result: { readonly id: string } };
    return result;
  };
  const title = JSON.stringify({ title: "math-dev-oauth" });
  const namespace = await call("POST", "/storage/kv/namespaces", title);
  const form = new FormData();
  const metadata = {
    main_module: "worker.js",
    compatibility_date: "2026-07-30",
    bindings: [
      { type: "kv_namespace", name: "OAUTH_KV", namespace_id: namespace.id },
      { type: "durable_object_namespace", name: "SESSIONS", class_name: "McpSession" },
      { type: "secret_text", name: "SESSION_KEYS", text: "a secret" },
    ],
    migrations: { new_tag: "v1", new_sqlite_classes: ["McpSession"] },
  };
  form.set("metadata", JSON.stringify(metadata));
  const code = "export class McpSession {}; export default { fetch: () => new Response() };";
  const type = "application/javascript+module";
  form.set("worker.js", new File([code], "worker.js", { type }));
  await call("PUT", "/workers/scripts/math-dev", form);
  await call(
    "PUT",
    "/workers/scripts/math-dev/schedules",
    JSON.stringify([{ cron: "17 * * * *" }]),
  );
  await call("PUT", "/workers/scripts/gone/schedules", "[]");
}
