import { env, reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import { createAuthorizationServer } from "./authorization-server.ts";
import { purge } from "./purge.ts";

const workerEnv = env as unknown as WorkerEnv;

afterEach(() => reset());

async function countGrants(): Promise<number> {
  return (await workerEnv.OAUTH_KV.list({ prefix: "grant:" })).keys.length;
}

test("grants of clients that are gone are removed a batch a run, and then nothing is written", async () => {
  const orphans = 60;
  for (let index = 0; index < orphans; index++) {
    const id = String(index).padStart(3, "0");
    const grant = { id, clientId: "gone", userId: "person", scope: [], createdAt: 1 };
    await workerEnv.OAUTH_KV.put(`grant:person:${id}`, JSON.stringify(grant));
  }
  const server = createAuthorizationServer(workerSettings);
  await purge(server, workerEnv);
  expect(await countGrants()).toBeLessThan(orphans);
  for (let run = 0; run < 4; run++) await purge(server, workerEnv);
  expect(await countGrants()).toBe(0);
  expect((await workerEnv.OAUTH_KV.list()).keys).toEqual([]);
});
