import {
  createExecutionContext,
  listDurableObjectIds,
  reset,
  runInDurableObject,
} from "cloudflare:test";
import type { DurableObjectNamespace, KVNamespace } from "@cloudflare/workers-types";
import { afterEach, expect, test, vi } from "vitest";
import budgets from "../../tests/bench/budgets.json" with { type: "json" };
import { features } from "../../tests/fixture/features.ts";
import { pkce } from "../../tests/support/pkce.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { createWorker } from "../create-worker.ts";
import { durableObjectBindings } from "../durable-objects.ts";
import type { WorkerEnv, WorkerSettings } from "../env.ts";
import { findGate } from "./gate/gates.ts";
import { findGrant } from "./gate/well-formed-token.ts";

const { origin } = workerSettings;
const redirectUri = "http://localhost:9999/callback";
const { verifier } = pkce;

afterEach(async () => {
  vi.unstubAllGlobals();
  await reset();
});

const objectNames = Object.keys(durableObjectBindings) as (keyof typeof durableObjectBindings)[];

/** The objects that were made so far. */
async function listObjects(): Promise<string[]> {
  const ids = objectNames.map((name) => listDurableObjectIds(workerEnv[name] as never));
  return (await Promise.all(ids)).flat().map(String);
}

/** A namespace whose objects tell which of their methods were called. */
function countCalls(namespace: DurableObjectNamespace, calls: string[]): DurableObjectNamespace {
  const through = <Target extends object>(
    target: Target,
    wrap: (name: string, result: unknown) => unknown,
  ): Target =>
    new Proxy(target, {
      get(own, name) {
        const member: unknown = Reflect.get(own, name);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) =>
          wrap(String(name), Reflect.apply(member, own, args) as unknown);
      },
    });
  return through(namespace, (name, result) =>
    name === "get"
      ? through(result as object, (method, answer) => {
          calls.push(method);
          return answer;
        })
      : result,
  );
}

/** The Worker with a KV namespace that counts what is written to it, and what is read. */
function startWorker(identity: WorkerSettings["identity"]) {
  const worker = createWorker(features).handlers;
  const writes: string[] = [];
  const reads: string[] = [];
  const kv = workerEnv.OAUTH_KV;
  const counting = new Proxy(kv, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        if (name === "put") writes.push(`put ${String(args[0]).split(":")[0]}`);
        if (name === "get") reads.push(`get ${String(args[0]).split(":")[0]}`);
        if (name === "list") reads.push("list");
        if (name === "delete") writes.push(`delete ${String(args[0]).split(":")[0]}`);
        return Reflect.apply(member, target, args) as unknown;
      };
    },
  }) as KVNamespace;
  const calls: string[] = [];
  const objects = objectNames.map((name) => [name, countCalls(workerEnv[name], calls)] as const);
  const env = {
    ...workerEnv,
    ...Object.fromEntries(objects),
    SETTINGS: { ...workerSettings, identity },
    GITHUB_CLIENT_SECRET: "secret",
    OAUTH_KV: counting,
  };
  const open = (path: string, init?: RequestInit): Promise<Response> =>
    worker.fetch(new Request(new URL(path, origin), init), env, createExecutionContext());
  /** What the gate of a code's grant writes is counted, too. */
  const countGate = async (code: string) => {
    const grant = findGrant(code);
    if (grant === undefined) throw new Error("This is no code.");
    await runInDurableObject(findGate(workerEnv, grant) as never, (gate: object) => {
      const { env: own } = gate as { env: WorkerEnv };
      Object.assign(gate, { env: { ...own, OAUTH_KV: counting } });
    });
  };
  return { open, writes, reads, calls, countGate };
}

type Started = ReturnType<typeof startWorker>;

/** A registered client's authorization request, and the cookies of the person's browser. */
async function begin({ open }: Started) {
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
    code_challenge: pkce.challenge,
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
  /** Opens the consent page and says yes. @returns where the browser goes, with its cookies. */
  const approve = async (session: string) => {
    const page = await open(path, { headers: { cookie: session } });
    const html = await page.text();
    const value = (name: string) =>
      new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? "";
    return post(`${session}; ${readCookies(page)}`, {
      step: "consent",
      decision: "approve",
      handle: value("handle"),
      person: value("person"),
      scope: value("scope"),
    });
  };
  return { clientId: client_id, post, approve };
}

function readCookies(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
}

/** Redeems a code. @returns what was written so far, and a refresh, which says what it wrote. */
async function redeem({ open, writes, reads, countGate }: Started, clientId: string, code: string) {
  await countGate(code);
  const token = (fields: Record<string, string>) =>
    open("/token", {
      method: "POST",
      body: new URLSearchParams({ client_id: clientId, ...fields }),
    });
  const answer = await token({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  expect(answer.status).toBe(200);
  const { refresh_token } = (await answer.json()) as { refresh_token: string };
  const login = writes.splice(0);
  const loginReads = reads.splice(0);
  const refresh = async () => {
    expect((await token({ grant_type: "refresh_token", refresh_token })).status).toBe(200);
    return writes.splice(0);
  };
  return { login, loginReads, refresh };
}

function readCode(response: Response): string {
  return new URL(response.headers.get("location") ?? "").searchParams.get("code") ?? "";
}

test("a first login, from registration to the token, stays within the budget of what it asks of KV", async () => {
  const worker = startWorker({ method: "demo" });
  const { clientId, post, approve } = await begin(worker);
  const fields = { step: "sign-in", email: "ada@example.com", password: "x" };
  const session = readCookies(await post("", fields));
  const approved = await approve(session);
  const { login, loginReads, refresh } = await redeem(worker, clientId, readCode(approved));
  console.log(`a first login: ${login.length} KV writes (${login.join(", ")})`);
  expect(login.length).toBeLessThanOrEqual(budgets.login.kvWrites);
  expect(login.filter((write) => write === "put token")).toHaveLength(1);
  console.log(`a first login: ${loginReads.length} KV reads (${loginReads.join(", ")})`);
  expect(loginReads.length).toBeLessThanOrEqual(budgets.login.kvReads);
  const later = await refresh();
  console.log(`a refresh: ${later.length} KV writes (${later.join(", ")})`);
  expect(later.length).toBeLessThanOrEqual(budgets.login.kvWritesOfRefresh);
});

test("of objects, a login asks no more than its budget, and makes no more", async () => {
  const worker = startWorker({ method: "demo" });
  const logIn = async () => {
    const { clientId, post, approve } = await begin(worker);
    const fields = { step: "sign-in", email: "ada@example.com", password: "x" };
    const approved = await approve(readCookies(await post("", fields)));
    await redeem(worker, clientId, readCode(approved));
  };
  // The first of a day makes what counts registrations, and answers.
  await logIn();
  const before = await listObjects();
  worker.calls.length = 0;
  await logIn();
  console.log(`a login: ${worker.calls.length} requests to objects (${worker.calls.join(", ")})`);
  expect(worker.calls.length).toBeLessThanOrEqual(budgets.login.objectRequests);
  const made = (await listObjects()).filter((object) => !before.includes(object));
  expect(made.length).toBeLessThanOrEqual(budgets.login.newObjects);
  expect([worker.calls.length, made.length].every((count) => count > 0)).toBe(true);
});

test("so does a login over another server, which the person visits in between", async () => {
  const answers: Record<string, unknown> = {
    "/login/oauth/access_token": { access_token: "t", token_type: "bearer" },
    "/user": { id: 1, login: "ada" },
    "/user/emails": [],
  };
  vi.stubGlobal("fetch", async (url: string) => Response.json(answers[new URL(url).pathname]));
  const worker = startWorker({ method: "github", githubClientId: "app" });
  const { clientId, approve } = await begin(worker);
  const sent = await approve("");
  const upstream = new URL(sent.headers.get("location") ?? "");
  expect(upstream.host).toBe("github.com");
  const back = new URLSearchParams({
    code: "c",
    state: upstream.searchParams.get("state") ?? "",
  });
  const returned = await worker.open(`/authorize/callback?${back}`, {
    headers: { cookie: readCookies(sent) },
    redirect: "manual",
  });
  const { login } = await redeem(worker, clientId, readCode(returned));
  console.log(`a first login over GitHub: ${login.length} KV writes (${login.join(", ")})`);
  expect(login.length).toBeLessThanOrEqual(budgets.login.kvWrites);
});
