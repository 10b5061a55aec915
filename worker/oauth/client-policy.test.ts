import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { createApp } from "../app.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";

const origin = "http://localhost:8787";

const settings: WorkerSettings = {
  origin,
  environment: "development",
  server: { name: "math", title: "Math", version: "0.0.0", instructions: "" },
  identity: { method: "demo" },
  allowedOrigins: [],
  tokens: { access: 3600, refreshIdle: 86_400 },
  clients: { metadataDocuments: false, registration: false },
  tools: {},
};

afterEach(() => reset());

function open(path: string, init?: RequestInit): Response | Promise<Response> {
  const url = new URL(path, origin);
  const workerEnv = {
    ...(env as unknown as WorkerEnv),
    REGISTER_LIMIT: { limit: async () => ({ success: true }) },
  };
  const call = {
    request: new Request(url, init),
    url,
    env: workerEnv,
    ctx: createExecutionContext(),
  };
  return createApp(settings)
    .route(url.pathname)
    .answer(call as never);
}

test("a stack that takes no unknown clients neither announces nor does it", async () => {
  const metadata = await open("/.well-known/oauth-authorization-server");
  const document = (await metadata.json()) as Record<string, unknown>;
  expect(document).not.toHaveProperty("registration_endpoint");
  expect(document.client_id_metadata_document_supported).not.toBe(true);

  const registration = await open("/register", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: ["http://localhost:9/cb"] }),
  });
  expect(registration.status).toBeGreaterThanOrEqual(400);
  expect((await (env as unknown as WorkerEnv).OAUTH_KV.list()).keys).toEqual([]);
});
