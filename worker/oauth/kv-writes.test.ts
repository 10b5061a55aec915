import { createExecutionContext, env, reset, runInDurableObject } from "cloudflare:test";
import type { KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test } from "vitest";
import budgets from "../../tests/bench/budgets.json" with { type: "json" };
import { workerBindings, workerSettings } from "../../tests/support/worker-settings.ts";
import type { WorkerEnv } from "../env.ts";
import worker from "../index.ts";
import { findGate } from "./gate/gates.ts";
import { findGrant } from "./gate/well-formed-token.ts";

const { origin } = workerSettings;
const redirectUri = "http://localhost:9999/callback";
const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

afterEach(() => reset());

/** The Worker with a KV namespace that counts what is written to it. */
function startWorker() {
  const writes: string[] = [];
  const kv = (env as unknown as WorkerEnv).OAUTH_KV;
  const counting = new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "put") writes.push(`put ${String(args[0]).split(":")[0]}`);
        if (name === "delete") writes.push(`delete ${String(args[0]).split(":")[0]}`);
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  }) as KVNamespace;
  const workerEnv = {
    ...(env as unknown as WorkerEnv),
    ...workerBindings,
    OAUTH_KV: counting,
  };
  const open = (path: string, init?: RequestInit): Promise<Response> =>
    worker.fetch(new Request(new URL(path, origin), init), workerEnv, createExecutionContext());
  /** What the gate of a code's grant writes is counted, too. */
  const countGate = async (code: string) => {
    const grant = findGrant(code);
    if (grant === undefined) throw new Error("This is no code.");
    await runInDurableObject(findGate(workerEnv, grant) as never, (gate: object) => {
      const { env: own } = gate as { env: WorkerEnv };
      Object.assign(gate, { env: { ...own, OAUTH_KV: counting } });
    });
  };
  return { open, writes, countGate };
}

function readCookies(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

test("a first login, from registration to the token, stays within the budget of KV writes", async () => {
  const { open, writes, countGate } = startWorker();
  const registration = await open("/register", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ redirect_uris: [redirectUri], token_endpoint_auth_method: "none" }),
  });
  const { client_id } = (await registration.json()) as { client_id: string };
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: redirectUri,
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  const path = `/authorize?${query}`;
  const post = (cookie: string, fields: Record<string, string>) =>
    open(path, {
      method: "POST",
      headers: { cookie, origin },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
  const session = readCookies(
    await post("", { step: "sign-in", email: "ada@example.com", password: "x" }),
  );
  const page = await open(path, { headers: { cookie: session } });
  const html = await page.text();
  const value = (name: string) =>
    new RegExp(`name="${name}" value="([^"]+)"`).exec(html)?.[1] ?? "";
  const approved = await post(`${session}; ${readCookies(page)}`, {
    step: "consent",
    decision: "approve",
    handle: value("handle"),
    person: value("person"),
    scope: value("scope"),
  });
  const code = new URL(approved.headers.get("location") ?? "").searchParams.get("code") ?? "";
  await countGate(code);
  const token = (fields: Record<string, string>) =>
    open("/token", { method: "POST", body: new URLSearchParams({ client_id, ...fields }) });
  const answer = await token({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  expect(answer.status).toBe(200);
  const { refresh_token } = (await answer.json()) as { refresh_token: string };
  const login = [...writes];
  console.log(`a first login: ${login.length} KV writes (${login.join(", ")})`);
  expect(login.length).toBeLessThanOrEqual(budgets.login.kvWrites);
  expect(login.filter((write) => write === "put token")).toHaveLength(1);

  writes.length = 0;
  expect((await token({ grant_type: "refresh_token", refresh_token })).status).toBe(200);
  console.log(`a refresh: ${writes.length} KV writes (${writes.join(", ")})`);
  expect(writes.length).toBeLessThanOrEqual(budgets.login.kvWritesOfRefresh);
});
