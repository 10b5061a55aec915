/** `npm run screenshots`: takes pictures of the running product. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { projectRoot } from "../infra/bundle.ts";
import { fixtureProgram } from "../tests/fixture/program.ts";
import { takeAccessPicture } from "../tests/support/access-picture.ts";
import { writeFixtureProject } from "../tests/support/fixture-project.ts";
import { OAuthApp } from "../tests/support/oauth-app.ts";
import { takePictures } from "../tests/support/pictures.ts";
import { tours } from "../tests/support/tours/index.ts";
import { takeTour } from "../tests/support/tours/tour.ts";
import { DevServer } from "./dev/server.ts";
import { UserError } from "./errors.ts";
import { LocalCloud } from "./local-cloud/server.ts";
import { flag, readArguments } from "./read-arguments.ts";

const help = `Takes pictures of the running product, with Chromium.

  npm run screenshots -- [--docs]

  (no option)   one picture of every page, light and dark, into a folder that it prints
  --docs        renews the pictures that README.md and docs/ show; port 8787 must be free
  --help        show this

  CHROME_PATH   path of Chromium or Chrome (default: /usr/bin/chromium)
`;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROME_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  });
  try {
    if (options.docs) await renewDocs(browser);
    else await takeEveryPage(browser);
  } finally {
    await browser.close();
  }
}

/** @throws UserError for an option that does not exist. */
function readOptions(args: string[]) {
  return readArguments(help, { args, options: { docs: flag, help: flag } }).values;
}

async function takeEveryPage(browser: Browser): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pages-"));
  for (const tour of tours) {
    await using guide = await tour.start();
    await using context = await browser.newContext();
    const page = await context.newPage();
    await takeTour(page, guide, (stop) => takePictures(page, stop, folder));
  }
  console.log(`One picture of every page, light and dark: ${folder}`);
}

async function renewDocs(browser: Browser): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "screenshots-"));
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  /** @param fullPage whether what lies below the window is in the picture. */
  const take = async (name: string, fullPage = false, shown = page) => {
    await shown.screenshot({ path: join(projectRoot, "docs", name), fullPage });
    console.log(`docs/${name}`);
  };
  try {
    // The address people see: a free port would change the picture each time.
    const options = { stack: "dev", port: 8787 };
    {
      await using server = await DevServer.start({ ...options, directory });
      await page.goto(`${server.origin}/`);
      await take("home.png");
      await page.setViewportSize({ width: 760, height: 700 });
      await startLogin(page, server.origin);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("button", { name: "Approve" }).waitFor();
      await take("consent.png", true);
    }
    {
      // docs/ tells of every server, so its picture is of none in particular. A context of its own has no icon cached.
      await using context = await browser.newContext({ viewport: { width: 760, height: 700 } });
      const example = await context.newPage();
      const projectFolder = join(directory, "example");
      await mkdir(projectFolder);
      await writeFixtureProject(projectFolder);
      await using server = await DevServer.start({
        ...options,
        directory: join(projectFolder, ".dev"),
        projectFolder,
        program: fixtureProgram,
      });
      await startLogin(example, server.origin);
      await take("sign-in.png", true, example);
    }

    await using cloud = await LocalCloud.start({
      port: 0,
      directory: join(directory, "cloud"),
      zones: ["example.com"],
    });
    await fillCloud(cloud);
    await page.setViewportSize({ width: 1000, height: 1000 });
    await page.goto(cloud.statusPage);
    await page.locator(".calls a").nth(1).click();
    await take("local-cloud.png", true);
    await takeAccessPicture(browser, join(projectRoot, "docs/access.png"));
    console.log("docs/access.png");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Opens the sign-in page as a client does, and fills it in. */
async function startLogin(page: Page, origin: string): Promise<void> {
  const app = await OAuthApp.register(origin, "MCP CLI Proxy");
  // The scopes that every client gets which names none.
  await page.goto(app.begin({ scope: "" }).url.href);
  await page.getByLabel("Email").fill("ada@example.com");
  await page.getByLabel("Password").fill("anything");
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
  const title = JSON.stringify({ title: "acme-orders-dev-oauth" });
  const namespace = await call("POST", "/storage/kv/namespaces", title);
  const form = new FormData();
  const metadata = {
    main_module: "worker.js",
    compatibility_date: "2026-07-30",
    bindings: [
      { type: "kv_namespace", name: "OAUTH_KV", namespace_id: namespace.id },
      { type: "durable_object_namespace", name: "SESSIONS", class_name: "McpSession" },
      { type: "json", name: "SETTINGS", json: { environment: "development" } },
      { type: "secret_text", name: "SESSION_KEYS", text: "a secret" },
    ],
    migrations: { new_tag: "v1", new_sqlite_classes: ["McpSession"] },
  };
  form.set("metadata", JSON.stringify(metadata));
  const code = "export class McpSession {}; export default { fetch: () => new Response() };";
  const type = "application/javascript+module";
  form.set("worker.js", new File([code], "worker.js", { type }));
  await call("PUT", "/workers/scripts/acme-orders-dev", form);
  await call(
    "PUT",
    "/workers/scripts/acme-orders-dev/schedules",
    JSON.stringify([{ cron: "17 * * * *" }]),
  );
  await call("PUT", "/workers/scripts/gone/schedules", "[]");
}

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(styleText("red", error.message));
  process.exitCode = 1;
}
