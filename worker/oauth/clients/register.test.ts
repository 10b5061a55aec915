import { createExecutionContext, reset } from "cloudflare:test";
import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import { features } from "../../../tests/fixture/features.ts";
import { workerEnv } from "../../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../../tests/support/worker-settings.ts";
import { createWorker } from "../../create-worker.ts";
import type { WorkerEnv } from "../../env.ts";

const settings = {
  ...workerSettings,
  clients: { ...workerSettings.clients, registrationsPerDay: 2 },
};

function register(changes: Partial<WorkerEnv> = {}, address?: string): Promise<Response> {
  const env = { ...workerEnv, SETTINGS: settings, ...changes };
  const request = new Request(`${settings.origin}/register`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(address !== undefined && { "cf-connecting-ip": address }),
    },
    body: JSON.stringify({ redirect_uris: ["http://localhost:9/cb"] }),
  });
  // One for each: what it is built with are the settings of its first request.
  return createWorker(features).handlers.fetch(request, env, createExecutionContext());
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
  expect(await repeat(5, { OAUTH_KV: failing })).toEqual(Array(5).fill(503));
  expect(await repeat(3)).toEqual([201, 201, 429]);
});

test("where the counter fails, clients are let in and the log says so", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "error").mockImplementation((line) => void lines.push(String(line)));
  const THROTTLES = new Proxy(workerEnv.THROTTLES, {
    get: () => () => {
      throw new Error("objects down");
    },
  });
  expect(await repeat(4, { THROTTLES })).toEqual(Array(4).fill(201));
  expect(lines.join("\n")).toMatch(/throttle-failure.*registrations.*objects down/);
});

test("one address never uses up everybody's registrations of the day", async () => {
  const clients = { ...settings.clients, registrationsPerDay: 33 };
  const SETTINGS = { ...settings, clients };
  const ask = async (address: string) => (await register({ SETTINGS }, address)).status;
  const statuses: number[] = [];
  for (let index = 0; index < 8; index++) statuses.push(await ask("203.0.113.1"));
  expect(statuses).toEqual([201, 201, 201, 429, 429, 429, 429, 429]);
  const refused = await register({ SETTINGS }, "203.0.113.1");
  expect(await refused.json()).toMatchObject({
    error: "temporarily_unavailable",
    error_description: expect.stringContaining("Too many registrations from this address today"),
  });
  expect(await ask("203.0.113.2")).toBe(201);
  expect(await ask("2001:db8::1")).toBe(201);
});
