import { readdir, readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { tokenForm } from "../../scripts/local-cloud/authorization.ts";
import { provideLocalToken } from "../../scripts/local-cloud/local-token.ts";
import { routes } from "../../scripts/local-cloud/resources/index.ts";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { TestCloud } from "../support/local-cloud.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** The first bytes of a body that never ends, as a web page may send them. @returns what is answered meanwhile. */
async function postUnfinished(url: string, headers: Readonly<Record<string, string>>, bytes = 1) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const posted = request(url, { method: "POST", headers, agent: false });
  posted.on("error", reject);
  posted.on("response", (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  posted.write(new Uint8Array(bytes));
  try {
    return await promise;
  } finally {
    posted.on("error", () => undefined).destroy();
  }
}

test("a stranger's body is not read, on any path, and a known caller's to its limit", async () => {
  await using cloud = await TestCloud.start();
  const origin = `http://127.0.0.1:${cloud.local.port}`;
  const type = { "content-type": "text/plain" };
  const kv = `/client/v4/accounts/${cloud.account.account_id}/storage/kv/namespaces`;
  for (const path of [kv, "/nowhere", "/_faults", "/_ports", "/"]) {
    expect([path, (await postUnfinished(origin + path, type)).status]).toEqual([path, 400]);
    const wrong = { ...type, authorization: `Bearer ${"x".repeat(44)}` };
    const refused = await postUnfinished(origin + path, wrong);
    expect([path, refused.status]).toEqual([path, 403]);
  }
  // A whole one arrives at its answer, too: nothing is reset under the client that sends it.
  const large = new Uint8Array(20_000_000);
  const whole = await fetch(origin + kv, { method: "POST", body: large, headers: type });
  expect(whole.status).toBe(400);
  const own = { ...type, authorization: `Bearer ${cloud.local.token}` };
  for (const path of [kv, "/_faults"]) {
    const tooMuch = await postUnfinished(origin + path, own, 1_100_000);
    expect([path, tooMuch.status]).toEqual([path, 413]);
    expect(tooMuch.body).toContain("more than 1048576 bytes");
  }
  const answered = await fetch(origin + kv, { method: "POST", body: large, headers: own });
  expect(answered.status).toBe(413);
  // No route takes more than Cloudflare's API does.
  const limits = routes.map(({ bodyLimit = 0 }) => bodyLimit);
  expect(Math.max(...limits)).toBe(100 * 1024 * 1024);
});

test("what the cloud holds is shown to who has its token only", async () => {
  await using cloud = await TestCloud.start();
  await cloud.upload("example", { code: "export default { fetch: () => new Response() }" });
  const origin = `http://127.0.0.1:${cloud.local.port}`;
  for (const path of ["/", "/?token=", "/?token=x", "/_calls", "/_ports", "/_faults"]) {
    const hidden = await fetch(origin + path);
    expect([path, hidden.status]).toEqual([path, 400]);
    expect(await hidden.text()).not.toContain("example");
  }
  const page = await fetch(cloud.local.statusPage);
  expect(page.headers.get("referrer-policy")).toBe("no-referrer");
  expect(await page.text()).toContain("example");
  // In the address, the token opens that page and nothing else.
  const calls = await fetch(`${origin}/_calls?token=${cloud.local.token}`);
  expect(calls.status).toBe(400);
});

test("each folder has a token of its own, which stays, and which its owner alone can read", async () => {
  await using folder = await makeTempFolder();
  await using other = await makeTempFolder();
  const made = await Promise.all(Array.from({ length: 8 }, () => provideLocalToken(folder.path)));
  expect(new Set(made).size).toBe(1);
  expect(made[0]).toMatch(tokenForm);
  expect(await provideLocalToken(other.path)).not.toBe(made[0]);
  expect(await readdir(folder.path)).toEqual(["token"]);
  expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  expect((await stat(`${folder.path}/token`)).mode & 0o777).toBe(0o600);
});

test("a cloud takes its own folder's token, after --fresh, too, and no other's", async () => {
  await using checkout = await makeFixtureCheckout();
  const ask = async (origin: string, token: string) =>
    (
      await fetch(`${origin}/client/v4/user/tokens/verify`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  let token: string;
  {
    await using first = checkout.startCloud();
    const origin = await waitUntilReady(first);
    token = await checkout.readCloudToken();
    expect(await ask(origin, token)).toBe(200);
    // The one that every cloud had before.
    expect(await ask(origin, "local-cloud-token-it-opens-this-machine-only")).toBe(401);
  }
  await using second = checkout.startCloud("--fresh");
  expect(await ask(await waitUntilReady(second), token)).toBe(200);
  const settings = await readFile(checkout.path("Pulumi.local.yaml"), "utf8");
  expect(settings).not.toContain("apiToken");
});
