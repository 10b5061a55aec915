import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createLiveAccount } from "./live-account.ts";
import { UserError } from "./user-error.ts";

const accountId = "0123456789abcdef0123456789abcdef";

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Answer {
  readonly status?: number;
  readonly body: object;
}

/** Cloudflare's API at the wire: answers by path, and what it was asked with. */
async function startApi(answers: Record<string, Answer>) {
  const tokens = new Set<string | undefined>();
  const requests: string[] = [];
  let lost: "half of the body" | "half of the JSON" | undefined;
  const server = createServer((request, response) => {
    tokens.add(request.headers.authorization);
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const path = url.pathname.replace(`/accounts/${accountId}`, "");
    requests.push(`${request.method} ${path}`);
    const isLaterPage = Number(url.searchParams.get("page") ?? 1) > 1;
    if (lost !== undefined) {
      const text = '{"success":true,"result":{"sub';
      const isWhole = lost === "half of the JSON";
      const length = isWhole ? text.length : 2 * text.length;
      response.writeHead(200, { "content-type": "application/json", "content-length": length });
      // Once the half is on its way: else the client sees no answer at all.
      response.write(text, () => isWhole || setImmediate(() => response.destroy()));
      return;
    }
    const { status = 200, body }: Answer = isLaterPage
      ? succeed([])
      : (answers[path] ?? { status: 404, body: {} });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv("CLOUDFLARE_BASE_URL", `http://127.0.0.1:${port}`);
  const close = () => new Promise((resolve) => server.close(resolve));
  return {
    tokens,
    requests,
    /** Every answer from now on is cut off. */
    lose(half: NonNullable<typeof lost>) {
      lost = half;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await close();
    },
  };
}

function succeed(result: unknown) {
  return { body: { success: true, errors: [], messages: [], result } };
}

test("the workers.dev subdomain is asked for with the stack's token", async () => {
  await using api = await startApi({ "/workers/subdomain": succeed({ subdomain: "ada" }) });
  const account = createLiveAccount({ accountId, apiToken: "token-of-the-stack" });
  expect(await account.findWorkersDevSubdomain()).toBe("ada");
  expect([...api.tokens]).toEqual(["Bearer token-of-the-stack"]);
});

test("an account that chose no subdomain yet has none", async () => {
  const errors = [{ code: 10007, message: "You do not have a workers.dev subdomain" }];
  await using _api = await startApi({
    "/workers/subdomain": { status: 404, body: { success: false, errors, result: null } },
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findWorkersDevSubdomain()).toBeUndefined();
});

test("the deployed Worker of a name has its tag and its own classes", async () => {
  await using _api = await startApi({
    "/workers/scripts": succeed([
      { id: "other", migration_tag: "v9" },
      { id: "example", migration_tag: "v1" },
      { id: "new" },
    ]),
    "/workers/durable_objects/namespaces": succeed([
      { id: "1", script: "example", class: "McpSession" },
      { id: "2", script: "other", class: "Other" },
    ]),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findWorker("example")).toEqual({
    migrationTag: "v1",
    classes: ["McpSession"],
  });
  expect(await account.findWorker("new")).toEqual({ migrationTag: undefined, classes: [] });
  expect(await account.findWorker("none")).toBeUndefined();
  expect(await account.countWorkers()).toBe(3);
});

test("a deployed Worker tells which namespaces it uses", async () => {
  await using _api = await startApi({
    "/workers/scripts/example/settings": succeed({
      bindings: [
        { type: "kv_namespace", name: "OAUTH_KV", namespace_id: "1" },
        { type: "secret_text", name: "SUBJECT_KEY" },
      ],
    }),
    "/workers/scripts/plain/settings": succeed({}),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findBoundNamespaces("example")).toEqual(["1"]);
  expect(await account.findBoundNamespaces("plain")).toEqual([]);
  expect(await account.findBoundNamespaces("none")).toBeUndefined();
});

test("a namespace is found by its title and by its id, with whether it is empty", async () => {
  const full = { id: "1".repeat(32), title: "example-oauth" };
  const empty = { id: "2".repeat(32), title: "new-oauth" };
  await using api = await startApi({
    "/storage/kv/namespaces": succeed([full, empty]),
    [`/storage/kv/namespaces/${full.id}`]: succeed(full),
    [`/storage/kv/namespaces/${full.id}/keys`]: succeed([{ name: "client:1" }]),
    [`/storage/kv/namespaces/${empty.id}/keys`]: succeed([]),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findNamespace("example-oauth")).toEqual({ ...full, isEmpty: false });
  expect(await account.findNamespace("new-oauth")).toEqual({ ...empty, isEmpty: true });
  expect(await account.findNamespace("none")).toBeUndefined();
  expect(await account.countNamespaces()).toBe(2);
  expect(await account.readNamespace(full.id)).toEqual({ ...full, isEmpty: false });
  expect(await account.readNamespace("3".repeat(32))).toBeUndefined();
  await account.deleteNamespace(empty.id).catch(() => undefined);
  expect(api.requests).toContain(`DELETE /storage/kv/namespaces/${empty.id}`);
});

test("a zone is found by its exact name", async () => {
  await using _api = await startApi({
    "/zones": succeed([
      { id: "z1", name: "example.com.evil.test" },
      { id: "z2", name: "example.com" },
    ]),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findZoneId("example.com")).toBe("z2");
  expect(await account.findZoneId("example.org")).toBeUndefined();
});

test("a host name is held by a Worker, by DNS records that answer, or by nobody", async () => {
  const records = [
    { id: "1", name: "dns.example.com", type: "CNAME", content: "elsewhere.example" },
    { id: "2", name: "dns.example.com", type: "TXT", content: "v=spf1 -all" },
    { id: "3", name: "txt.example.com", type: "TXT", content: "v=spf1 -all" },
  ];
  await using _api = await startApi({
    "/workers/domains": succeed([{ id: "d", hostname: "app.example.com", service: "shop" }]),
    "/zones/z2/dns_records": succeed(records),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findHolder("app.example.com", "z2")).toEqual({
    worker: "shop",
    records: [],
  });
  expect(await account.findHolder("dns.example.com", "z2")).toEqual({
    records: ["CNAME elsewhere.example"],
  });
  expect(await account.findHolder("txt.example.com", "z2")).toEqual({ records: [] });
});

const own = { "workers/message": "Pulumi stack dev, version 1" };
async function findOutside(versions: readonly object[], serving: string) {
  await using _api = await startApi({
    "/workers/scripts/example/versions": succeed({ items: versions }),
    "/workers/scripts/example/deployments": succeed({
      deployments: [{ versions: [{ version_id: serving, percentage: 100 }] }],
    }),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  return await account.findOutsideVersion("example", "Pulumi stack dev, ");
}

test.each([
  ["its own newest one serves", [{ id: "2", annotations: own }, { id: "1" }], "2", undefined],
  ["another one was made after it", [{ id: "3" }, { id: "2", annotations: own }], "3", "3"],
  [
    "another stack's serves",
    [
      { id: "3", annotations: { "workers/message": "Pulumi stack dev2, " } },
      { id: "2", annotations: own },
    ],
    "3",
    "3",
  ],
  [
    "it was rolled back by hand",
    [
      { id: "2", annotations: own },
      { id: "1", annotations: own },
    ],
    "1",
    "1",
  ],
  ["no version says where it is from", [{ id: "3" }, { id: "2" }], "3", undefined],
])("a version that somebody else made is found: %s", async (_what, versions, serving, found) => {
  expect(await findOutside(versions, serving)).toBe(found);
});

test("a Worker that is not there has no version of others", async () => {
  await using _api = await startApi({});
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findOutsideVersion("example", "Pulumi stack dev, ")).toBeUndefined();
});

test("only the local cloud is asked for an address of this machine", async () => {
  await using api = await startApi({ "/_ports": { body: { origin: "http://localhost:8791" } } });
  const parts = { accountId, apiToken: "t" };
  expect(await createLiveAccount(parts).findLocalOrigin("example")).toBe("http://localhost:8791");
  const live = createLiveAccount({ ...parts, baseUrl: "https://api.cloudflare.example/client/v4" });
  expect(await live.findLocalOrigin("example")).toBeUndefined();
  expect(api.requests).toEqual(["POST /_ports"]);
});

test("a local cloud that does not run is named, with how to start it", async () => {
  const baseUrl = "http://127.0.0.1:9/client/v4";
  const account = createLiveAccount({ accountId, apiToken: "t", baseUrl });
  await expect(account.findLocalOrigin("example")).rejects.toThrowError(
    /cloudflare:baseUrl: nothing answers at http:\/\/127\.0\.0\.1:9\/client\/v4\. Start .*`npm run cloud`/,
  );
});

test("an API that fails, or whose answer is cut off, is told in words", async () => {
  const errors = [{ code: 10013, message: "An unknown error has occurred" }];
  const failing = { status: 500, body: { success: false, errors, result: null } };
  await using api = await startApi({ "/workers/scripts": failing });
  const account = createLiveAccount({ accountId, apiToken: "canary-token" });
  const problem = await account.countWorkers().catch((error: unknown) => error);
  expect(problem).toBeInstanceOf(UserError);
  expect(String(problem)).toMatch(
    /Cloudflare's API answered 500: An unknown error has occurred \(10013\)\. Run the same command again/,
  );
  expect(String(problem)).not.toContain("canary-token");
  for (const lost of ["half of the body", "half of the JSON"] as const) {
    api.lose(lost);
    const problem = await account.findWorkersDevSubdomain().catch((error: unknown) => error);
    expect(problem, lost).toBeInstanceOf(UserError);
    expect(String(problem), lost).toContain("An answer of Cloudflare's API was cut off.");
  }
});

test("a token that is missing is asked for", async () => {
  await using api = await startApi({});
  for (const name of ["API_TOKEN", "API_KEY", "API_USER_SERVICE_KEY", "EMAIL"]) {
    vi.stubEnv(`CLOUDFLARE_${name}`, undefined);
  }
  const local = createLiveAccount({ accountId, apiToken: undefined });
  await expect(local.findWorker("example")).rejects.toThrowError(
    /cloudflare:apiToken: the local cloud of this checkout was never started/,
  );
  vi.stubEnv("CLOUDFLARE_BASE_URL", undefined);
  const account = createLiveAccount({ accountId, apiToken: undefined });
  await expect(account.findWorker("example")).rejects.toThrowError(
    /cloudflare:apiToken: no API token is set\. Set the variable CLOUDFLARE_API_TOKEN/,
  );
  expect(api.requests).toEqual([]);
});

test.each([401, 403])(
  "a token that Cloudflare refuses with %s is named with what it lacks",
  async (status) => {
    const errors = [{ code: 10000, message: "Authentication error" }];
    const refused = { status, body: { success: false, errors, result: null } };
    await using _api = await startApi({
      "/workers/scripts": refused,
      "/workers/domains": succeed([]),
      "/zones/z2/dns_records": refused,
    });
    const account = createLiveAccount({ accountId, apiToken: "canary-token" });
    const problem = await account.findHolder("mcp.example.com", "z2").catch(String);
    expect(problem).toMatch(/cloudflare:apiToken: .*\(40\d\).*permission "Zone, DNS: Read"/);
    expect(problem).not.toContain("canary-token");
    await expect(account.findWorker("example")).rejects.toThrowError(
      /"Account, Workers Scripts: Edit"/,
    );
  },
);
