import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { localAccountId } from "../../scripts/local-cloud/local-token.ts";
import { isAlive, listDescendants, waitUntilReady } from "../support/checkout.ts";
import { makeFixtureCheckout } from "../support/fixture-checkout.ts";

const account = `/client/v4/accounts/${localAccountId}`;

async function upload(origin: string, token: string, name: string, text: string): Promise<void> {
  const form = new FormData();
  form.set("metadata", JSON.stringify({ main_module: "a.js", compatibility_date: "2026-07-01" }));
  const code = `export default { fetch: () => new Response("${text}") }`;
  form.set("a.js", new File([code], "a.js", { type: "application/javascript+module" }));
  const url = `${origin}${account}/workers/scripts/${name}`;
  const answer = await fetch(url, {
    method: "PUT",
    body: form,
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(200);
}

async function readPorts(origin: string, token: string) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${origin}/_ports`, { headers });
  return (await answer.json()) as { readonly script: string; readonly port: number }[];
}

async function readPort(origin: string, token: string, script: string): Promise<number> {
  const ports = await readPorts(origin, token);
  return ports.find((each) => each.script === script)?.port ?? 0;
}

test("Workers, their ports and what they hold survive a restart, and --fresh forgets them", async () => {
  await using checkout = await makeFixtureCheckout();
  let port: number;
  {
    await using first = checkout.startCloud("--seed-zone", "example.com");
    const origin = await waitUntilReady(first);
    const token = await checkout.readCloudToken();
    await upload(origin, token, "kept", "still here");
    port = await readPort(origin, token, "kept");
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe("still here");
    const children = await listDescendants(first.pid);
    first.signal("SIGINT");
    expect((await first.end()).code).toBe(130);
    await expect.poll(() => children.filter(isAlive)).toEqual([]);
  }
  {
    await using second = checkout.startCloud();
    const origin = await waitUntilReady(second);
    expect(second.printed).toContain(`kept: http://localhost:${port}/`);
    expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe("still here");
    const token = await checkout.readCloudToken();
    const page = await (await fetch(`${origin}/?token=${token}`)).text();
    expect(page).toContain("kept");
    expect(page).toContain("example.com");
  }
  await using third = checkout.startCloud("--fresh");
  const origin = await waitUntilReady(third);
  expect(await readPorts(origin, await checkout.readCloudToken())).toEqual([]);
});

test("--serve chooses a Worker's port, before it is deployed and after", async () => {
  await using checkout = await makeFixtureCheckout();
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  server.close();
  await using cloud = checkout.startCloud("--serve", `chosen=${port}`);
  const origin = await waitUntilReady(cloud);
  const early = await fetch(`http://localhost:${port}/`);
  expect([early.status, await early.text()]).toEqual([404, "The Worker chosen is not deployed.\n"]);
  await upload(origin, await checkout.readCloudToken(), "chosen", "here");
  expect(await (await fetch(`http://localhost:${port}/`)).text()).toBe("here");
});

test("on another port than the stack's file names, the command is printed that changes the file", async () => {
  await using checkout = await makeFixtureCheckout();
  await using cloud = checkout.startCloud("--account", "a".repeat(32));
  const origin = await waitUntilReady(cloud);
  for (const [key, value, before] of [
    ["cloudflare:baseUrl", `${origin}/client/v4`, "http://127.0.0.1:8790/client/v4"],
    ["remote-mcp-server:accountId", "a".repeat(32), localAccountId],
  ]) {
    expect(cloud.printed).toContain(
      `npx pulumi config set -s local ${key} ${value}   # it is ${before}\n`,
    );
  }
  cloud.signal("SIGINT");
  await cloud.end();
  await checkout.edit("Pulumi.local.yaml", "http://127.0.0.1:8790", origin);
  await using second = checkout.startCloud("--port", new URL(origin).port);
  await waitUntilReady(second);
  expect(second.printed).not.toContain("pulumi config set");
});

test("--env prints what a shell can take, and starts nothing", async () => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.startCloud("--env", "--port", "9000");
  const { code, stdout } = await program.end();
  expect(code).toBe(0);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "export CLOUDFLARE_BASE_URL='http://127.0.0.1:9000/client/v4'",
    "export CLOUDFLARE_API_BASE_URL='http://127.0.0.1:9000/client/v4'",
    `export CLOUDFLARE_API_TOKEN='${await checkout.readCloudToken()}'`,
    `export CLOUDFLARE_ACCOUNT_ID='${localAccountId}'`,
    "export WRANGLER_SEND_METRICS='false'",
    "unset CLOUDFLARE_API_KEY CLOUDFLARE_EMAIL CLOUDFLARE_API_USER_SERVICE_KEY",
  ]);
});

test.each([
  [["--port", "x"], '--port: "x" is not a port'],
  [["--account", "acme"], '--account: "acme" is not an account id'],
  [["--seed-zone", "localhost"], '--seed-zone: "localhost" is not a domain'],
  [["--plan", "gold"], '--plan: "gold" is not a plan'],
  [["--serve", "example"], '--serve: "example" must be <script>=<port>'],
  [["--prot", "1"], "Unknown option '--prot'"],
])("%j is refused in one message and without a stack trace", async (args, message) => {
  await using checkout = await makeFixtureCheckout();
  await using program = checkout.startCloud(...args);
  const { code, stdout, stderr } = await program.end();
  expect(code).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test("a port in use is named, with how to choose another", async () => {
  await using checkout = await makeFixtureCheckout();
  await using first = checkout.startCloud();
  const { port } = new URL(await waitUntilReady(first));
  await using second = checkout.startCloud("--port", port);
  const { code, stderr } = await second.end();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`Port ${port} is in use.*npm run cloud -- --port \\d+`));
});
