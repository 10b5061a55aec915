import { createExecutionContext, env, reset } from "cloudflare:test";
import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { workerBindings, workerSettings } from "../../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../../env.ts";
import worker from "../../index.ts";

const settings = {
  ...workerSettings,
  clients: { ...workerSettings.clients, registrationsPerDay: 2 },
};

function register(changes: Partial<WorkerEnv> = {}): Promise<Response> {
  const workerEnv = {
    ...(env as unknown as WorkerEnv),
    ...workerBindings,
    SETTINGS: settings,
    ...changes,
  };
  const request = new Request(`${settings.origin}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: ["http://localhost:9/cb"] }),
  });
  return worker.fetch(request, workerEnv, createExecutionContext());
}

async function repeat(times: number, changes?: Partial<WorkerEnv>): Promise<number[]> {
  const statuses: number[] = [];
  for (let index = 0; index < times; index++) statuses.push((await register(changes)).status);
  return statuses;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

test("a registration that could not be stored gives its place back", async () => {
  const failing = {
    put: () => Promise.reject(new Error("KV PUT failed: 503")),
  } as unknown as KVNamespace;
  expect(await repeat(5, { OAUTH_KV: failing })).toEqual(Array(5).fill(500));
  expect(await repeat(3)).toEqual([201, 201, 429]);
});

test("where the counter fails, clients are let in and the log says so", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
  const THROTTLES = new Proxy((env as unknown as WorkerEnv).THROTTLES, {
    get: () => () => {
      throw new Error("objects down");
    },
  });
  expect(await repeat(4, { THROTTLES })).toEqual(Array(4).fill(201));
  expect(lines.join("\n")).toMatch(/throttle-failure.*registrations.*objects down/);
});
