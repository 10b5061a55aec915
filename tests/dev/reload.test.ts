import { test as base, expect } from "vitest";
import { waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";
import { postMessage, toToolCall } from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { EditedServer } from "./edited-server.ts";

/** One server for all. A test edits files as they were at first, and sees what is printed while it runs. */
const test = base
  .extend(
    "shared",
    { scope: "file" },
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
    async ({}, { onCleanup }) => {
      const server = await EditedServer.start();
      onCleanup(() => server[Symbol.asyncDispose]());
      return server;
    },
  )
  .extend("server", ({ shared }) => {
    shared.begin();
    return shared;
  });

async function readHome(origin: string): Promise<string> {
  return (await fetch(`${origin}/`)).text();
}

test("an edit is served at once, a mistake is shown with its place, and a login outlives both", async ({
  server,
}) => {
  const { program, origin } = server;
  const app = await OAuthApp.register(origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path: "/mcp" });

  await server.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  await server.waitForReload("worker/pages/home.tsx");

  await server.edit("worker/tools/sum.ts", "const total = a + b;", "const total = a + ;");
  await program.waitFor(/worker\/tools\/sum\.ts:\d+:\d+:[\s\S]*const total = a \+ ;[\s\S]*\^/);
  await program.waitFor(/The previous version keeps serving/);
  expect(await readHome(origin)).toContain("Edited page");

  await server.edit(
    "worker/tools/sum.ts",
    "const total = a + ;",
    "const total = a + b + 0; // mended",
  );
  await server.edit("worker/pages/home.tsx", "Edited page", "Mended page");
  await expect.poll(() => readHome(origin)).toContain("Mended page");
  await server.waitForReload("worker/pages/home.tsx", 2);
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

test("a syntax error right after another edit is told as what it is", async ({ server }) => {
  const { program } = server;
  await server.edit("worker/tools/sum.ts", "const total = a + b;", "const total = b + a;");
  await server.waitForReload("worker/tools/sum.ts");
  // Now the program looks at what the tools need, which takes a second or more.
  await server.edit("worker/tools/sum.ts", "const total = b + a;", "const total = b + ;");
  await program.waitFor(/(const total = b \+ ;[\s\S]*keeps serving)/);
  await server.edit("worker/tools/sum.ts", "const total = b + ;", "const total = a + b;");
  await server.waitForReload("worker/tools/sum.ts", 2);
  expect(program.printed).not.toContain("without what its tools need");
});

test("a Worker that does not start is refused, and the one before goes on serving", async ({
  server,
}) => {
  const { program, origin } = server;
  const before = await readHome(origin);
  await server.edit(
    "worker/log.ts",
    "export function logEvent",
    'throw new Error("thrown at the top");\nexport function logEvent',
  );
  await program.waitFor(/The Worker does not start:[\s\S]*thrown at the top/);
  expect(before).toContain("</a>");
  expect(await readHome(origin)).toBe(before);
});

test("a changed setting is taken over, and a wrong one is named", async ({ server }) => {
  const { program, origin } = server;
  const settings = "Pulumi.dev.yaml";
  const setting = "remote-mcp-server:environment: development";

  await server.edit(settings, "serverTitle: Example", "serverTitle: Sums");
  await expect.poll(() => readHome(origin)).toContain(" Sums</h1>");
  await server.waitForReload(settings);

  await server.edit(settings, setting, setting.replace("development", "prod"));
  await program.waitFor(/environment: .*Example: production[\s\S]*keeps serving/);
  expect(await readHome(origin)).toContain(" Sums</h1>");
});

test("a setting that names a way in is taken over with its code, and edits after it keep that", async ({
  server,
}) => {
  const { origin } = server;
  const readStatus = async () => {
    const path = "/.well-known/oauth-protected-resource/personal-tokens";
    return (await fetch(`${origin}${path}`)).status;
  };
  expect(await readStatus()).toBe(404);

  const title = "remote-mcp-server:serverTitle: Example";
  const withTokens = `${title}\n  remote-mcp-server:personalTokens: "90"`;
  await server.edit("Pulumi.dev.yaml", title, withTokens);
  await expect.poll(readStatus).toBe(200);
  await server.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  await server.waitForReload("worker/pages/home.tsx");
  expect(await readStatus()).toBe(200);

  await server.edit("Pulumi.dev.yaml", withTokens, title);
  await expect.poll(readStatus).toBe(404);
  await server.waitForReload("Pulumi.dev.yaml", 2);
  expect(await readHome(origin)).toContain("Edited page");
});

test("a tool's new need is supplied, and one that is missing is named", async ({ server }) => {
  const { program, origin } = server;
  const end = "  run({ a, b }) {";

  const database = '  needs: { bindings: { NOTES_DB: { kind: "d1" } } },\n';
  await server.edit("worker/tools/sum.ts", end, database + end);
  await program.waitFor(/What the tools need has changed/);

  const secret = '  needs: { secrets: { weatherApiKey: "key of weather.example" } },\n';
  await server.edit("worker/tools/sum.ts", database, secret);
  await program.waitFor(
    /weatherApiKey: the tool "sum" needs this secret \(key of weather\.example\)/,
  );
  await program.waitFor(/The new code serves without what its tools need/);
  expect((await fetch(`${origin}/`)).status).toBe(200);

  await server.write(".dev/secrets.yaml", "weatherApiKey: canary-3b7a\n");
  await server.waitForReload(".dev/secrets.yaml");
  expect(program.printed).not.toContain("canary-3b7a");
});

test("no request fails while the Worker is replaced", async ({ server }) => {
  const { origin } = server;
  const statuses = new Set<number>();
  let isDone = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!isDone) statuses.add((await fetch(`${origin}/`)).status);
  });
  await server.edit("worker/pages/home.tsx", 'words="Connect"', 'words="Edited page"');
  await expect.poll(() => readHome(origin)).toContain("Edited page");
  await server.waitForReload("worker/pages/home.tsx");
  isDone = true;
  await Promise.all(load);
  expect([...statuses]).toEqual([200]);
});
