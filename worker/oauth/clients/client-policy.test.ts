import { createExecutionContext, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
import { createWorker } from "../../create-worker.ts";

const worker = createWorker(features).handlers;

const settings = {
  ...workerSettings,
  clients: { ...workerSettings.clients, metadataDocuments: false, registration: false },
};

afterEach(() => reset());

function open(path: string, init?: RequestInit): Promise<Response> {
  const env = { ...workerEnv, SETTINGS: settings };
  const request = new Request(new URL(path, settings.origin), init);
  return worker.fetch(request, env, createExecutionContext());
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
  expect((await workerEnv.OAUTH_KV.list()).keys).toEqual([]);
});
