import { expect, test } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";

async function readHome(origin: string): Promise<string> {
  return (await fetch(`${origin}/`)).text();
}

test("an edit is served at once, a mistake is shown with its place, and a login outlives both", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });

  await checkout.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  await program.waitFor(/Reloaded in \d+ ms/);

  await checkout.edit("worker/tools/sum.ts", "const total = a + b;", "const total = a + ;");
  await program.waitFor(/worker\/tools\/sum\.ts:\d+:\d+:[\s\S]*const total = a \+ ;[\s\S]*\^/);
  await program.waitFor(/The previous version keeps serving/);
  expect(await readHome(origin)).toContain("Edited page");

  await checkout.edit(
    "worker/tools/sum.ts",
    "const total = a + ;",
    "const total = a + b + 0; // mended",
  );
  await checkout.edit("worker/pages/home.tsx", "Edited page", "Mended page");
  await expect.poll(() => readHome(origin)).toContain("Mended page");
  const answer = await postMessage(`${origin}/mcp`, accessToken, toToolCall("sum", { a: 2, b: 3 }));
  expect(await answer.text()).toContain('"structuredContent":{"sum":5}');
});

test("a wrong type is told with its place while the code is served, and so is the end of it", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const right = "structured: { sum: total }";
  const wrong = 'structured: { sum: "five" }';

  await checkout.edit("worker/tools/sum.ts", right, wrong);
  await program.waitFor(
    /worker\/tools\/sum\.ts:\d+:\d+: [\s\S]*Type 'string' is not assignable to type 'number'/,
  );
  await program.waitFor(/The code is served all the same/);
  await program.waitFor(/Reloaded in \d+ ms: worker\/tools\/sum\.ts/);
  expect((await fetch(`${origin}/`)).status).toBe(200);

  await checkout.edit("worker/tools/sum.ts", wrong, right);
  await program.waitFor(/The types fit again/);
});

test("a syntax error right after another edit is told as what it is", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  await waitUntilReady(program);
  await checkout.edit("worker/tools/sum.ts", "const total = a + b;", "const total = b + a;");
  await program.waitFor(/Reloaded in \d+ ms/);
  // Now the program looks at what the tools need, which takes a second or more.
  await checkout.edit("worker/tools/sum.ts", "const total = b + a;", "const total = b + ;");
  await program.waitFor(/(const total = b \+ ;[\s\S]*keeps serving)/);
  await checkout.edit("worker/tools/sum.ts", "const total = b + ;", "const total = a + b;");
  await program.waitFor(/(Reloaded in \d+ ms[\s\S]*){2}/);
  expect(program.printed).not.toContain("without what its tools need");
});

test("a Worker that does not start is refused, and the one before goes on serving", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  await checkout.edit(
    "worker/log.ts",
    "export function logEvent",
    'throw new Error("thrown at the top");\nexport function logEvent',
  );
  await program.waitFor(/The Worker does not start:[\s\S]*thrown at the top/);
  expect(await readHome(origin)).toContain(">Connect</a>");
});

test("a changed setting is taken over, and a wrong one is named", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const settings = "Pulumi.dev.yaml";
  const setting = "remote-mcp-server:environment: development";

  await checkout.edit(settings, "serverTitle: Example", "serverTitle: Sums");
  await expect.poll(() => readHome(origin)).toContain(" Sums</h1>");

  await checkout.edit(settings, setting, setting.replace("development", "prod"));
  await program.waitFor(/environment: .*Example: production[\s\S]*keeps serving/);
  expect(await readHome(origin)).toContain(" Sums</h1>");
});

test("a setting that names a way in is taken over with its code, and edits after it keep that", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const readStatus = async () => {
    const path = "/.well-known/oauth-protected-resource/personal-tokens";
    return (await fetch(`${origin}${path}`)).status;
  };
  expect(await readStatus()).toBe(404);

  const title = "remote-mcp-server:serverTitle: Example";
  const withTokens = `${title}\n  remote-mcp-server:personalTokens: "90"`;
  await checkout.edit("Pulumi.dev.yaml", title, withTokens);
  await expect.poll(readStatus).toBe(200);
  await checkout.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  expect(await readStatus()).toBe(200);

  await checkout.edit("Pulumi.dev.yaml", withTokens, title);
  await expect.poll(readStatus).toBe(404);
  expect(await readHome(origin)).toContain("Edited page");
});

test("a tool's new need is supplied, and one that is missing is named", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const end = "  run({ a, b }) {";

  const database = '  needs: { bindings: { NOTES_DB: { kind: "d1" } } },\n';
  await checkout.edit("worker/tools/sum.ts", end, database + end);
  await program.waitFor(/What the tools need has changed/);

  const secret = '  needs: { secrets: { weatherApiKey: "key of weather.example" } },\n';
  await checkout.edit("worker/tools/sum.ts", database, secret);
  await program.waitFor(
    /weatherApiKey: the tool "sum" needs this secret \(key of weather\.example\)/,
  );
  await program.waitFor(/The new code serves without what its tools need/);
  expect((await fetch(`${origin}/`)).status).toBe(200);

  await checkout.write(".dev/secrets.yaml", "weatherApiKey: canary-3b7a\n");
  await program.waitFor(/(Reloaded in \d+ ms[\s\S]*){3}/);
  expect(program.printed).not.toContain("canary-3b7a");
});

test("no request fails while the Worker is replaced", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.start();
  const origin = await waitUntilReady(program);
  const statuses = new Set<number>();
  let isDone = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!isDone) statuses.add((await fetch(`${origin}/`)).status);
  });
  await checkout.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  isDone = true;
  await Promise.all(load);
  expect([...statuses]).toEqual([200]);
});
