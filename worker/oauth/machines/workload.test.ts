import { listDurableObjectIds, reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  MachineWorker,
  machine,
  makeKey,
  type TestKey,
} from "../../../tests/support/worker/machine-worker.ts";
import type { Workload } from "./settings.ts";

const grant = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer" };
const origin = "http://localhost:8787";

/** Each test has an issuer of its own: keys are kept by address. */
let issuers = 0;
let issuer = "";
let key: TestKey;
let serve: () => Response;
const log = vi.fn<(line: string) => void>();

beforeEach(async () => {
  vi.spyOn(console, "log").mockImplementation(log);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  issuer = `https://actions-${issuers++}.example.test`;
  key = await makeKey("one", "RS256");
  serve = () => Response.json({ keys: [key.jwk] });
  vi.stubGlobal("fetch", async (url: string) => {
    expect(url).toBe(`${issuer}/.well-known/jwks`);
    return serve();
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  log.mockReset();
  await reset();
});

const rule = (more: Partial<Workload> = {}): Workload => ({
  issuer,
  keysUrl: `${issuer}/.well-known/jwks`,
  repository: "acme/orders",
  ...more,
});

/** What GitHub signs of a run on the branch main. */
const run = (more: object = {}) => ({
  iss: issuer,
  aud: origin,
  sub: "repo:acme/orders:ref:refs/heads/main",
  jti: crypto.randomUUID(),
  iat: Math.floor(Date.now() / 1000),
  exp: Math.floor(Date.now() / 1000) + 300,
  repository: "acme/orders",
  repository_id: "74",
  repository_owner: "acme",
  ref: "refs/heads/main",
  ref_type: "branch",
  event_name: "push",
  job_workflow_ref: "acme/orders/.github/workflows/nightly.yml@refs/heads/main",
  run_id: "1",
  ...more,
});

const ask = async (worker: MachineWorker, claims: object, more: Record<string, string> = {}) =>
  worker.ask({ ...grant, assertion: await key.sign(claims), ...more });

test("a run calls a tool with no secret: what its service signs of it is exchanged for a short token", async () => {
  const worker = await MachineWorker.create([machine({ workloads: [rule({ branch: "main" })] })]);
  const answer = await ask(worker, run(), { scope: "demo:use demo:profile" });
  expect(answer).toMatchObject({ status: 200, expires_in: 900, scope: "demo:use demo:profile" });
  expect(answer).not.toHaveProperty("refresh_token");
  const { text } = await worker.callTool(answer.access_token, "whoami");
  expect(text).toMatch(/^The machine client ci, which acts for no person/);
  expect(log.mock.calls.join()).toContain(
    '"machine":"ci","way":"workload","run":"repo:acme/orders:ref:refs/heads/main"',
  );
  expect(await worker.countKv()).toEqual({ reads: 1, writes: 0 });
});

test("a rule takes the runs that it means, and no others", async () => {
  const environment = { environment: "production", sub: "repo:acme/orders:environment:production" };
  const cases: [Partial<Workload>, object, boolean][] = [
    [{ branch: "main" }, {}, true],
    [{ branch: "main" }, { repository: "Acme/Orders" }, true],
    [{ branch: "main" }, { ref: "refs/heads/mainly" }, false],
    [{ branch: "main" }, { ref: "refs/tags/main", ref_type: "tag" }, false],
    [{ branch: "main" }, { ref: "refs/pull/1/merge", event_name: "pull_request" }, false],
    [{ branch: "main" }, { event_name: "pull_request_target" }, false],
    [{ branch: "main" }, { repository: "acme/orders-2" }, false],
    [{ branch: "main" }, { repository: "evil/orders" }, false],
    [{ branch: "main" }, { repository: undefined }, false],
    [{ branch: "feature/x" }, { ref: "refs/heads/feature/x" }, true],
    [{ environment: "production" }, environment, true],
    [{ environment: "production" }, {}, false],
    [{ environment: "production" }, { environment: "Production" }, false],
    [{ environment: "production", branch: "main" }, environment, true],
    [{ environment: "production", branch: "main" }, { ...environment, ref: "refs/heads/b" }, false],
    [{ repositoryId: "74", branch: "main" }, {}, true],
    [{ repositoryId: "75", branch: "main" }, {}, false],
  ];
  for (const [wanted, claims, isMeant] of cases) {
    const worker = await MachineWorker.create([machine({ workloads: [rule(wanted)] })]);
    const answer = await ask(worker, run(claims));
    const expected = isMeant ? { status: 200 } : { status: 400, error: "invalid_grant" };
    expect(answer, JSON.stringify([wanted, claims])).toMatchObject(expected);
  }
});

test("a wrong assertion of a run gets nothing, keeps nothing, and is told what is wrong", async () => {
  const worker = await MachineWorker.create([machine({ workloads: [rule({ branch: "main" })] })]);
  const other = await makeKey("one", "RS256");
  const unknown = await makeKey("two", "RS256");
  // An object that was emptied is still listed.
  const listUses = () => listDurableObjectIds(worker.env.TRANSACTIONS as never);
  const before = (await listUses()).length;
  const cases: Record<string, readonly [string | Promise<string>, RegExp]> = {
    "no JWT": ["junk", /signed JWT/],
    "another issuer": [key.sign(run({ iss: "https://other.example" })), /no such issuer/],
    "no issuer": [key.sign(run({ iss: undefined })), /no such issuer/],
    "another audience": [key.sign(run({ aud: "https://github.com/acme" })), /aud must be http/],
    "two audiences": [key.sign(run({ aud: [origin, "https://b.example"] })), /nothing else/],
    "an endpoint as audience": [key.sign(run({ aud: `${origin}/mcp` })), /aud must be/],
    expired: [key.sign(run({ exp: 1 })), /expired/],
    "of a year": [key.sign(run({ exp: Math.floor(Date.now() / 1000) + 31_536_000 })), /3600/],
    "without an id": [key.sign(run({ jti: undefined })), /jti/],
    "signed by another": [other.sign(run()), /signature/],
    "signed with a key that nobody knows": [unknown.sign(run()), /kid/],
    "a company's": [key.sign(run(), { typ: "oauth-id-jag+jwt" }), /oauth-id-jag/],
    "of a client": [key.sign(run(), { typ: "client-authentication+jwt" }), /typ/],
  };
  for (const [name, [assertion, words]] of Object.entries(cases)) {
    const answer = await worker.ask({ ...grant, assertion: await assertion });
    expect(answer.status, name).toBe(400);
    expect(answer.error_description, name).toMatch(words);
    expect(answer, name).not.toHaveProperty("access_token");
  }
  expect(await listUses()).toHaveLength(before);
  expect(await worker.countKv()).toEqual({ reads: 0, writes: 0 });
});

test("an assertion counts once, also of three at the same moment", async () => {
  const worker = await MachineWorker.create([machine({ workloads: [rule({ branch: "main" })] })]);
  const assertion = await key.sign(run());
  const answers = await Promise.all([1, 2, 3].map(() => worker.ask({ ...grant, assertion })));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400, 400]);
});

test("a run that may act as several clients names one, and needs no secret beside its assertion", async () => {
  const worker = await MachineWorker.create([
    machine({ workloads: [rule({ branch: "main" })] }),
    machine({ name: "deploys", scopes: ["demo:use"], workloads: [rule({ branch: "main" })] }),
    machine({ name: "elsewhere", workloads: [rule({ repository: "acme/other", branch: "main" })] }),
  ]);
  expect(await ask(worker, run())).toMatchObject({
    status: 400,
    error: "invalid_request",
    error_description: expect.stringContaining("ci, deploys"),
  });
  expect(await ask(worker, run(), { client_id: "deploys" })).toMatchObject({ scope: "demo:use" });
  expect(await ask(worker, run(), { client_id: "elsewhere" })).toMatchObject({
    error: "invalid_grant",
  });
  expect(await ask(worker, run(), { client_secret: "x", client_id: "ci" })).toMatchObject({
    error: "invalid_request",
  });
});

test("a key that the service has just changed counts, and while its keys cannot be read a run may come again", async () => {
  const worker = await MachineWorker.create([machine({ workloads: [rule({ branch: "main" })] })]);
  serve = () => new Response("busy", { status: 503, headers: { "retry-after": "7" } });
  expect(await ask(worker, run())).toMatchObject({ status: 503, error: "temporarily_unavailable" });
  serve = () => Response.json({ keys: [key.jwk] });
  expect((await ask(worker, run())).status).toBe(200);

  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31_000 });
  key = await makeKey("two", "RS256");
  expect((await ask(worker, run())).status).toBe(200);
  vi.useRealTimers();
});

test("with its rule, the tokens of a run end", async () => {
  const worker = await MachineWorker.create([machine({ workloads: [rule({ branch: "main" })] })]);
  const { access_token: token } = await ask(worker, run());
  expect((await worker.call(token)).status).toBe(200);
  const changed = await MachineWorker.create([machine({ workloads: [rule({ branch: "next" })] })]);
  expect((await changed.call(token)).status).toBe(401);
});
