import type { Page } from "playwright-core";
import { expect } from "vitest";
import budgets from "../bench/budgets.json" with { type: "json" };
import { findViolations } from "../support/axe.ts";
import { test } from "../support/browser-test.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { colorSchemes, takePictures } from "../support/pictures.ts";
import { expectToFit, watchPages } from "../support/watch-pages.ts";

/** A Worker with one of everything. Each request makes an object. */
const code = `import { DurableObject } from "cloudflare:workers";
export class Session extends DurableObject {
  async fetch() { await this.ctx.storage.put("a", 1); return new Response("ok"); }
}
export default { fetch: (request, env) => env.SESSIONS.get(env.SESSIONS.newUniqueId()).fetch(request) };`;

async function fill(cloud: TestCloud): Promise<void> {
  const { client, account } = cloud;
  const { id } = await client.kv.namespaces.create({ ...account, title: "notes-oauth" });
  const values = `/accounts/${account.account_id}/storage/kv/namespaces/${id}/values`;
  for (const [key, value] of [
    ["client:a", JSON.stringify({ clientName: "Chat", clientSecret: "canary-in-kv" })],
    ["other", "<b>plain text</b>"],
  ]) {
    await cloud.fetchApi(`${values}/${encodeURIComponent(key as string)}`, {
      method: "PUT",
      body: value as string,
    });
  }
  await cloud.upload("notes", {
    code,
    metadata: {
      compatibility_date: "2026-07-30",
      bindings: [
        { type: "kv_namespace", name: "OAUTH_KV", namespace_id: id },
        { type: "durable_object_namespace", name: "SESSIONS", class_name: "Session" },
        { type: "json", name: "SETTINGS", json: { server: { title: "Notes of <Ada>" } } },
        { type: "secret_text", name: "SESSION_KEYS", text: "canary-in-binding" },
      ],
      migrations: { new_tag: "v1", new_sqlite_classes: ["Session"] },
    },
  });
  for (let count = 0; count < 2; count++) await (await cloud.fetchWorker("notes")).text();
}

/** Looks whether anybody is locked out of the page in front. */
async function check(page: Page, stop: string): Promise<void> {
  await expectToFit(page);
  for (const colorScheme of colorSchemes) {
    await page.emulateMedia({ colorScheme });
    expect(await findViolations(page), `${stop}, ${colorScheme}`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: null });
  await takePictures(page, stop);
}

test("on the local cloud's page a person reads what a Worker has, opens a key and a call, and switches a fault on and off", async ({
  chromium,
  skip,
}) => {
  await using context = await chromium.open(skip);
  await using cloud = await TestCloud.start();
  await fill(cloud);
  const { port, token, statusPage } = cloud.local;
  const watch = watchPages(context, [`http://127.0.0.1:${port}`]);
  const page = await context.newPage();
  await page.goto(statusPage);

  const worker = page.getByRole("article");
  const [{ port: workerPort } = { port: 0 }] = cloud.local.workers;
  await worker.getByRole("link", { name: `http://localhost:${workerPort}/` }).waitFor();
  const chips = await worker.locator(".chip").allInnerTexts();
  expect(chips.map((chip) => chip.replaceAll(/\s+/g, " ").trim())).toEqual([
    "OAUTH_KV KV",
    "SESSIONS Durable Object Session",
    "SESSION_KEYS secret",
    "SETTINGS setting",
    "Session 2 objects",
  ]);
  await worker.getByText("SETTINGS").click();
  expect(await worker.locator("pre").textContent()).toContain('"title": "Notes of <Ada>"');
  await check(page, "local-cloud-worker");

  await worker.getByRole("link", { name: "OAUTH_KV" }).click();
  await page.getByRole("link", { name: "other", exact: true }).click();
  await page.getByText("<b>plain text</b>").waitFor();
  await page.getByRole("link", { name: "client:a", exact: true }).click();
  await page.getByText('"clientName": "Chat"').waitFor();
  await check(page, "local-cloud-key");
  await page.getByLabel("Keys that begin with").fill("oth");
  await page.getByRole("button", { name: "List" }).click();
  expect(await page.locator("[id^=kv-] ul a").allInnerTexts()).toEqual(["other"]);

  await cloud.fetchApi(`/accounts/${cloud.account.account_id}/workers/scripts/gone/settings`);
  await page.goto(statusPage);
  await page.getByLabel("Path", { exact: true }).fill("SCRIPTS/");
  await page.getByRole("button", { name: "Filter" }).click();
  const calls = page.locator(".calls li");
  expect(await calls.locator("> a").allInnerTexts()).toEqual([
    expect.stringMatching(/^GET .*\/scripts\/gone\/settings$/),
    expect.stringMatching(/^PUT .*\/scripts\/notes$/),
  ]);
  // To ask for what is not there is no failure.
  expect(await page.locator(".failed").count()).toBe(0);
  expect(await page.locator(".calls pre").count()).toBe(0);
  await calls.locator("> a").last().click();
  await page.getByText('"new_tag"').or(page.getByText("new_tag")).first().waitFor();
  await check(page, "local-cloud-call");

  await page.getByLabel("What happens").selectOption({ label: "answers 409" });
  await page.getByLabel("Path contains").fill("/[/");
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByRole("alert").getByText("not a regular expression").waitFor();
  await page.getByLabel("What happens").selectOption({ label: "answers 409" });
  await page.getByLabel("Path contains").fill("/user/tokens/verify");
  await page.getByRole("button", { name: "Switch on" }).click();
  await page.getByText("The next call (any method with /user/tokens/verify) answers 409").waitFor();
  await check(page, "local-cloud-fault");
  expect((await cloud.fetchApi("/user/tokens/verify")).status).toBe(409);
  expect((await cloud.fetchApi("/user/tokens/verify")).status).toBe(200);
  for (const button of ["Switch on", "Switch all off"]) {
    await page.getByRole("button", { name: button }).click();
  }
  await page.getByText("No fault waits").waitFor();
  expect(cloud.local.cloud.faults.list()).toEqual([]);
  expect(await page.content()).not.toContain("canary");
  expect(new URL(page.url()).searchParams.get("token")).toBe(token);
  // The page that says what is wrong with a form comes with 400.
  expect(watch.problems.filter((text) => !text.includes("status of 400"))).toEqual([]);
});

test("the local cloud's page is small as long as nothing is in it, and a form without the token does nothing", async () => {
  await using cloud = await TestCloud.start();
  const { port, statusPage } = cloud.local;
  const origin = `http://127.0.0.1:${port}`;
  const page = await (await fetch(statusPage)).text();
  const style = await (await fetch(`${origin}/_style.css`)).text();
  console.log(`The local cloud's page: ${page.length} bytes, its style ${style.length}`);
  expect(style).toContain(".chip{");
  expect(page.length + style.length).toBeLessThanOrEqual(budgets.pages.bytes);
  const body = new URLSearchParams({
    do: "add",
    method: "",
    path: "",
    count: "1",
    choice: "failure",
  });
  for (const path of ["/", "/?token=", `/?token=${"x".repeat(44)}`]) {
    const answer = await fetch(origin + path, { method: "POST", body });
    expect([path, answer.status]).toEqual([path, path.endsWith("x") ? 403 : 400]);
  }
  expect(cloud.local.cloud.faults.list()).toEqual([]);
  for (const wrong of [{ choice: "constructor" }, { count: "0" }, { count: "many" }]) {
    const form = new URLSearchParams({ ...Object.fromEntries(body), ...wrong });
    const answer = await fetch(statusPage, { method: "POST", body: form });
    expect([wrong, answer.status]).toEqual([wrong, 400]);
  }
  expect(cloud.local.cloud.faults.list()).toEqual([]);
});
