import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { createLiveAccount } from "./account.ts";

const accountId = "0123456789abcdef0123456789abcdef";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Cloudflare's API at the wire: answers by path, and what it was asked with. */
async function startApi(answers: Record<string, { status?: number; body: object }>) {
  const tokens = new Set<string | undefined>();
  const server = createServer((request, response) => {
    tokens.add(request.headers.authorization);
    const path = request.url?.split("?")[0] ?? "";
    const { status = 200, body } = answers[path.replace(`/accounts/${accountId}`, "")] ?? {
      status: 404,
      body: {},
    };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  vi.stubEnv("CLOUDFLARE_BASE_URL", `http://127.0.0.1:${port}`);
  const close = () => new Promise((resolve) => server.close(resolve));
  return {
    tokens,
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

test("the live Durable Object tag is that of the Worker of this name", async () => {
  await using _api = await startApi({
    "/workers/scripts": succeed([
      { id: "other", migration_tag: "v9" },
      { id: "math", migration_tag: "v1" },
      { id: "new" },
    ]),
  });
  const account = createLiveAccount({ accountId, apiToken: "t" });
  expect(await account.findMigrationTag("math")).toBe("v1");
  expect(await account.findMigrationTag("new")).toBeUndefined();
  expect(await account.findMigrationTag("none")).toBeUndefined();
});
