import { createExecutionContext, env, reset } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";
import { workerBindings, workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../../env.ts";

// A Worker keeps the settings that it has read first, which may be another test's.
vi.resetModules();
const { default: worker } = await import("../../index.ts");

const settings = {
  ...workerSettings,
  clients: { ...workerSettings.clients, metadataDocuments: false, registration: false },
};

afterEach(() => reset());

function open(path: string, init?: RequestInit): Promise<Response> {
  const workerEnv = { ...(env as unknown as WorkerEnv), ...workerBindings, SETTINGS: settings };
  const request = new Request(new URL(path, settings.origin), init);
  return worker.fetch(request, workerEnv, createExecutionContext());
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
