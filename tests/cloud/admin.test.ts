import { join, resolve } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { expect, onTestFinished } from "vitest";
import type { LocalCloud } from "../../scripts/local-cloud/server.ts";
import type { Deployment } from "../support/deployment.ts";
import type { EngineHome } from "../support/engine-home.ts";
import { postMessage } from "../support/mcp-by-hand.ts";
import { type Login, OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import type { Ending } from "../support/program.ts";
import { runCli } from "../support/run-cli.ts";
import { runInHost } from "../support/run-in-host.ts";
import { sample } from "../support/sample.ts";
import { test } from "../support/usual-stack.ts";

// Each command asks the Pulumi CLI several times, on a machine that may be busy with other tests.

const script = resolve(import.meta.dirname, "../../scripts/mcp.ts");

/** What `grants --json` prints, as far as the tests read it. */
interface Grant {
  readonly grant: string;
  readonly userId: string;
  readonly clientId: string;
}

/** An operator at a terminal, in the folder of a stack's project. */
class Operator {
  /** Everything that was ever printed for them. */
  seen = "";
  readonly #home: EngineHome;
  readonly #stack: Stack;

  /** @param stack the one that is deployed, unless told otherwise. */
  constructor({ home, stack: deployed }: Deployment, stack: Stack = deployed) {
    this.#home = home;
    this.#stack = stack;
  }

  /** `npm run mcp -- admin …`, to its end. */
  async run(...args: string[]): Promise<Ending> {
    const cwd = this.#stack.workspace.workDir;
    const start = sample(runInHost, runCli);
    const ending = await start(script, ["admin", ...args], this.#home.environment, cwd);
    this.seen += ending.stdout + ending.stderr;
    return ending;
  }

  /** The same for their stack. @throws Error where it fails. @returns what it printed. */
  async admin(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run("--stack", this.#stack.name, ...args);
    if (code !== 0) throw new Error(`${args.join(" ")}: ${stdout}${stderr}`);
    return stdout;
  }

  /** The same, where it must fail. @returns what it said. */
  async adminFailing(...args: string[]): Promise<string> {
    const { code, stderr } = await this.run("--stack", this.#stack.name, ...args);
    expect(code, stderr).toBe(1);
    expect(stderr).not.toMatch(/^\s+at /m);
    return stderr;
  }

  async grants(): Promise<Grant[]> {
    return JSON.parse(await this.admin("grants", "--json")) as Grant[];
  }
}

/** A deployed stack with its operator and its KV namespace. */
async function open(deployment: Deployment) {
  onTestFinished(() => deployment[Symbol.asyncDispose]());
  const { kvNamespaceId } = await deployment.outputs();
  return {
    deployment,
    origin: await deployment.origin(),
    operator: new Operator(deployment),
    namespaceId: String(kvNamespaceId?.value),
  };
}

/** All keys and values of a KV namespace. */
async function dump({ cloud }: LocalCloud, id: string): Promise<Record<string, string>> {
  const { keys } = await cloud.storage.listKeys(id, { prefix: "", limit: 1000 });
  const entries = await Promise.all(
    keys.map(async ({ name }): Promise<[string, string]> => {
      const found = await cloud.storage.getValue(id, name);
      return [name, new TextDecoder().decode(found?.value)];
    }),
  );
  return Object.fromEntries(entries);
}

/** Changes what a client calls itself, in the record that KV has of it. */
async function rename({ cloud }: LocalCloud, id: string, clientId: string, name: string) {
  const key = `client:${clientId}`;
  const found = await cloud.storage.getValue(id, key);
  const record = JSON.parse(new TextDecoder().decode(found?.value)) as object;
  const value = new TextEncoder().encode(JSON.stringify({ ...record, clientName: name }));
  await cloud.storage.putValue(id, key, value, {});
}

/** Status of a call of the MCP endpoint with a token. */
async function call(origin: string, { accessToken }: Login): Promise<number> {
  const response = await postMessage(`${origin}/mcp`, accessToken);
  await response.text();
  return response.status;
}

test("an operator sees who has access, and ends one grant, then a person's, then a client's; a dry run changes nothing", async ({
  takeUsual,
  skip,
}) => {
  const { deployment, origin, operator, namespaceId } = await open(await takeUsual(skip));
  const { local } = deployment;
  const [notes, chat] = [
    await OAuthApp.register(origin, "Notes"),
    await OAuthApp.register(origin, "Chat", "https://chat.example.com/callback"),
  ];
  // Refused at the door today; an older version took it.
  await rename(local, namespaceId, notes.clientId, "Notes \u001b[31mred\u202e");
  const [ada, grace] = [new Person("ada@example.com"), new Person("grace@example.com")];
  const logins = {
    adaNotes: await notes.logIn(ada),
    adaChat: await chat.logIn(ada),
    graceChat: await chat.logIn(grace),
  };

  const clients = JSON.parse(await operator.admin("clients", "--json")) as object[];
  expect(clients).toHaveLength(2);
  expect(clients).toContainEqual({
    id: chat.clientId,
    name: "Chat",
    redirectHosts: ["chat.example.com"],
    registered: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    grants: 2,
  });
  const grants = await operator.grants();
  expect(grants).toHaveLength(3);
  const ofNotes = grants.find(({ clientId }) => clientId === notes.clientId);
  expect(ofNotes).toMatchObject({
    resource: `${origin}/mcp`,
    scopes: ["demo:use", "demo:profile"],
    expires: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
  });
  const adaId = ofNotes?.userId ?? "";
  expect(
    JSON.parse(
      await operator.admin("grants", "--user", adaId, "--client", chat.clientId, "--json"),
    ),
  ).toEqual([expect.objectContaining({ userId: adaId, clientId: chat.clientId })]);
  // What a client calls itself cannot steer the terminal.
  for (const command of ["clients", "grants"]) {
    expect(await operator.admin(command)).toMatch(/ Notes .*localhost:8091| {2}Notes .*\/mcp/);
  }
  for (const character of ["\u001b", "\u202e"]) expect(operator.seen).not.toContain(character);

  const before = await dump(local, namespaceId);
  const grant = ["revoke", "--grant", ofNotes?.grant ?? ""];
  for (const dry of [grant, ["revoke", "--client", chat.clientId]]) {
    expect(await operator.admin(...dry)).toMatch(/Dry run: nothing was changed\. With --yes/);
  }
  expect(await operator.admin("purge")).toMatch(/Nothing to purge/);
  expect(await dump(local, namespaceId)).toEqual(before);

  expect(await operator.admin(...grant, "--yes")).toMatch(/Ended 1 grant with 1 access token\./);
  expect(await notes.refresh(logins.adaNotes.refreshToken)).toMatchObject({
    status: 400,
    body: { error: "invalid_grant" },
  });
  // Its gate still remembered the grant, and has now seen that an operator ended it.
  await expect.poll(() => call(origin, logins.adaNotes)).toBe(401);
  expect(await call(origin, logins.adaChat)).toBe(200);
  const after = await dump(local, namespaceId);
  expect(await operator.admin(...grant, "--yes")).toMatch(/Nothing to revoke: there is no grant/);
  expect(await dump(local, namespaceId)).toEqual(after);

  await operator.admin("revoke", "--user", adaId, "--yes");
  expect((await chat.refresh(logins.adaChat.refreshToken)).status).toBe(400);
  expect((await chat.refresh(logins.graceChat.refreshToken)).status).toBe(200);

  expect(await operator.admin("revoke", "--client", chat.clientId, "--yes")).toMatch(
    /Ended 1 grant with 2 access tokens, and the client's registration\./,
  );
  expect(await operator.grants()).toEqual([]);
  expect(
    Object.keys(await dump(local, namespaceId)).filter((key) => /^(grant|token):/.test(key)),
  ).toEqual([]);
  expect(JSON.parse(await operator.admin("clients", "--json"))).toEqual([
    expect.objectContaining({ id: notes.clientId, grants: 0 }),
  ]);

  // What a company allowed stays ended, once it is ended, until it is allowed again.
  const companys = `${adaId}:em-0123456789abc`;
  const record = {
    id: "em-0123456789abc",
    userId: adaId,
    clientId: "company-chat",
    scope: ["demo:use"],
    resource: [`${origin}/mcp`],
    metadata: { clientName: "Chat of Acme", company: "acme.okta.com" },
    encryptedProps: "",
    createdAt: 1_764_500_000,
    expiresAt: 4_102_444_800,
  };
  const { storage } = local.cloud;
  const put = (key: string, value: string) =>
    storage.putValue(namespaceId, key, new TextEncoder().encode(value), {});
  await put(`grant:${companys}`, JSON.stringify(record));
  expect(await operator.admin("grants")).toMatch(/Chat of Acme \(allowed by acme\.okta\.com\)/);
  expect(await operator.admin("blocked")).toMatch(/^0 connections that stay ended/);
  expect(await operator.adminFailing("allow", "--grant", companys, "--yes")).toMatch(
    /nothing keeps .* ended.*blocked` lists/,
  );
  await operator.admin("revoke", "--grant", companys, "--yes");
  expect(JSON.parse(await operator.admin("blocked", "--json"))).toEqual([
    { grant: companys, userId: adaId, clientId: null, endedBy: "operator" },
  ]);
  const blocked = await dump(local, namespaceId);
  expect(blocked).toHaveProperty([`ended:${companys}`], "operator");
  expect(
    (await storage.listKeys(namespaceId, { prefix: `ended:${companys}`, limit: 1 })).keys,
  ).toEqual([{ name: `ended:${companys}` }]);
  expect(await operator.admin("allow", "--grant", companys)).toMatch(
    /Dry run: nothing was changed/,
  );
  expect(await dump(local, namespaceId)).toEqual(blocked);
  expect(await operator.admin("allow", "--grant", companys, "--yes")).toMatch(
    /The company may connect it again/,
  );
  expect(JSON.parse(await operator.admin("blocked", "--json"))).toEqual([]);
  // The Worker tells by the note that nothing of before counts, and needs it for as long as that could be used.
  expect(await dump(local, namespaceId)).toHaveProperty(
    [`ended:${companys}`],
    expect.stringMatching(/^allowed \d{4}-/),
  );
  expect(await operator.adminFailing("allow", "--grant", companys, "--yes")).toMatch(
    /nothing keeps .* ended/,
  );

  expect(operator.seen).not.toMatch(/@example\.com|encryptedProps|WrappedKey/);
  const secrets = [
    local.token,
    ...Object.values(logins).flatMap(({ accessToken, refreshToken, code }) =>
      [accessToken, refreshToken, code].flatMap((text) => [text, text.split(":").at(-1) ?? text]),
    ),
  ];
  for (const secret of secrets) expect(operator.seen).not.toContain(secret);
});

test("a purge removes grants without a client and tokens without a grant, not those of a client in the settings; a failure midway says how to go on", async ({
  takeUsual,
  skip,
}) => {
  const { deployment, origin, operator, namespaceId } = await open(await takeUsual(skip));
  const { local } = deployment;
  const { storage } = local.cloud;
  const [gone, known, stays] = [
    await OAuthApp.register(origin, "Gone"),
    await OAuthApp.register(origin, "Known"),
    await OAuthApp.register(origin, "Stays"),
  ];
  const ada = new Person("ada@example.com");
  for (const app of [gone, known, stays]) await app.logIn(ada);
  const full = await dump(local, namespaceId);
  const staying = (await operator.grants()).find(({ clientId }) => clientId === stays.clientId);
  // As a client's registration expires, and as a revocation breaks off.
  await storage.deleteValues(namespaceId, [
    ...[gone, known].map(({ clientId }) => `client:${clientId}`),
    `grant:${staying?.grant}`,
  ]);
  // A client that the settings name has no registration either.
  const { clientId } = known;
  await deployment.configure({
    preRegisteredClients: JSON.stringify([
      { clientId, name: "Known", redirectUris: [known.redirectUri] },
    ]),
  });
  const before = await dump(local, namespaceId);

  const dry = await operator.admin("purge");
  expect(dry).toMatch(
    /Dry run: nothing was changed\. With --yes this removes 1 grant and 2 access tokens\./,
  );
  expect(await dump(local, namespaceId)).toEqual(before);

  deployment.fail("POST", "/bulk/delete", { kind: "status", status: 503, shouldRetry: false });
  const failure = await operator.adminFailing("purge", "--yes");
  expect(failure).toMatch(/answered 503/);
  expect(failure).toMatch(/after 0 of 3 records were deleted.*Run the same command again/s);

  // A passing refusal of too many calls is waited for.
  deployment.fail("POST", "/bulk/get", { kind: "status", status: 429, retryAfter: 1 });
  expect(await operator.admin("purge", "--yes")).toMatch(/Removed 1 grant and 2 access tokens\./);
  const left = (await operator.grants()).map((grant) => grant.clientId);
  expect(left).toEqual([known.clientId]);
  const after = await dump(local, namespaceId);
  expect(Object.keys(after).length).toBe(Object.keys(full).length - 6);
  expect(await operator.admin("purge", "--yes")).toMatch(/Nothing to purge\./);
  expect(await dump(local, namespaceId)).toEqual(after);
});

test("a wrong stack, token, permission or option is refused with what to do", async ({
  takeUsual,
  skip,
}) => {
  const { deployment, operator } = await open(await takeUsual(skip));
  const { home, stack, test: cloud } = deployment;
  const made = await home.createStack("early", async () => {}, {
    "remote-mcp-server:accountId": cloud.local.accountId,
  });
  const early = new Operator(deployment, made);
  expect(await early.adminFailing("grants")).toMatch(/early is not deployed.*pulumi up -s early/s);
  // It reads the settings, so it tells before the first deployment.
  expect(await early.admin("who", "--email", "ada@example.com")).toMatch(
    /Sign-in +yes: no allow-list, so everybody whom demo knows/,
  );
  const other = await operator.run("--stack", "nosuch", "grants");
  expect(other).toMatchObject({ code: 1, stdout: "" });
  expect(other.stderr).toMatch(/no stack "nosuch".*pulumi stack ls/);

  const useToken = (value: string) => stack.setConfig("cloudflare:apiToken", { value });
  await useToken(await cloud.createToken(["Workers Scripts Write"]));
  expect(await operator.adminFailing("clients")).toMatch(
    /\(403\).*"Account, Workers KV Storage: Read"/,
  );
  await useToken("x".repeat(40));
  expect(await operator.adminFailing("clients")).toMatch(/refuses the API token.*wrong or expired/);
  await useToken("short");
  expect(await operator.adminFailing("clients")).toMatch(/refuses the API token/);
  await stack.removeConfig("cloudflare:apiToken");
  expect(await operator.adminFailing("clients")).toMatch(/CLOUDFLARE_API_TOKEN/);

  await useToken(await cloud.createToken(["Workers KV Storage Read"]));
  const app = await OAuthApp.register(await deployment.origin());
  expect(await operator.admin("clients")).toMatch(/1 client registered/);
  expect(await operator.admin("revoke", "--client", app.clientId)).toMatch(/Dry run/);
  expect(await operator.adminFailing("revoke", "--client", app.clientId, "--yes")).toMatch(
    /"Account, Workers KV Storage: Edit"/,
  );

  await stack.setConfig("remote-mcp-server:accountId", { value: "f".repeat(32) });
  expect(await operator.adminFailing("clients")).toMatch(/account|token/);
});

/** What a command line with a mistake in it does, or one that asks for help. */
function runAlone(run: typeof runCli, ...args: string[]): Promise<Ending> {
  const environment = { PATH: process.env.PATH ?? "", NO_COLOR: "1" };
  return run(script, args, environment, join(script, ".."));
}

test("a mistyped command or option is refused before anything is read, and every help is there", async () => {
  const run = (...args: string[]) => runAlone(sample(runInHost, runCli), ...args);
  expect(await runAlone(runCli)).toMatchObject({ code: 0, stderr: "" });
  expect(await runAlone(runCli, "admin", "grants")).toMatchObject({ code: 2, stdout: "" });
  for (const args of [
    [],
    ["--help"],
    ["help", "admin"],
    ["completion", "--help"],
    ["admin", "--help"],
    ["admin", "clients", "--help"],
    ["admin", "grants", "--help"],
    ["admin", "revoke", "--help"],
    ["admin", "blocked", "--help"],
    ["admin", "allow", "--help"],
    ["admin", "purge", "--help"],
    ["admin", "who", "--help"],
  ]) {
    expect(await run(...args)).toMatchObject({ code: 0, stderr: "" });
  }
  const mistakes: [string[], RegExp][] = [
    [["admni"], /unknown command 'admni'.*Did you mean admin\?/s],
    [["--stack", "x", "admin"], /unknown option '--stack'/],
    [["admin"], /Usage: npm run mcp -- admin/],
    [["admin", "grant", "--stack", "x"], /unknown command 'grant'.*Did you mean grants\?/s],
    [["admin", "grants"], /--stack: no stack is named/],
    [["admin", "grants", "--stack"], /'--stack <name>' argument missing/],
    [["admin", "grants", "--stack", "x", "more"], /too many arguments/],
    [["admin", "grants", "--stack", "x", "--colour"], /unknown option '--colour'/],
    [["admin", "grants", "--stack", "x", "--yes"], /unknown option '--yes'/],
    [["admin", "grants", "--stack", "x", "--user", ""], /--user.*The value is empty/],
    [["admin", "--stack=", "grants"], /--stack.*The value is empty/],
    [
      ["admin", "revoke", "--stack", "x", "--yes"],
      /exactly one of --grant, --user, --client and --machine/,
    ],
    [["admin", "revoke", "--stack", "x", "--user", "a", "--client", "b"], /cannot be used with/],
    [["admin", "revoke", "--stack", "x", "--grant", "a"], /"a" is not a grant's name/],
    [["admin", "revoke", "--stack", "x", "--user", "a:b"], /"a:b" is not a user id/],
    [["admin", "allow", "--stack", "x"], /required option '--grant <user:grant>'/],
    [["admin", "allow", "--stack", "x", "--grant", "a"], /"a" is not a grant's name/],
    [["admin", "revoke", "--client", "--yes", "--stack", "x"], /an id is missing/],
    [["admin", "who", "--stack", "x"], /required option '--email <address>'/],
    [["admin", "who", "--stack", "x", "--email", "ada"], /not an email address\. Example/],
    [["admin", "who", "--stack", "x", "--email", "a@b.example", "--group="], /The value is empty/],
    [["admin", "who", "--email", "a@b.example"], /--stack: no stack is named/],
    [["completion", "tcsh"], /Allowed choices are bash, zsh, fish, powershell/],
  ];
  for (const [args, said] of mistakes) {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }, args.join(" ")).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(said);
    expect(stderr).not.toMatch(/^\s+at /m);
  }
});

test("a machine client is listed, ended and given another secret, which is a secret output of the stack", async ({
  takeUsual,
  skip,
}) => {
  const { deployment, origin, operator } = await open(await takeUsual(skip));
  const configure = async (secrets: readonly number[]) => {
    await deployment.configureMachine("nightly", "demo:use", secrets);
    await deployment.up();
    return deployment.machineSecret("nightly");
  };
  const getToken = async (secret: string) => {
    const response = await fetch(`${origin}/token`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`nightly:${secret}`).toString("base64")}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    const { status } = response;
    return { status, ...((await response.json()) as { readonly access_token?: string }) };
  };
  const call = async (token = "") => {
    const message = { jsonrpc: "2.0", id: 1, method: "tools/call" };
    const response = await fetch(`${origin}/mcp`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
      },
      body: JSON.stringify({ ...message, params: { name: "sum", arguments: { a: 2, b: 3 } } }),
    });
    await response.text();
    return response.status;
  };

  const first = await configure([1]);
  expect(await operator.admin("machines")).toMatch(
    /1 machine client in the stack test\.\s+Client .*\nnightly +\/mcp +demo:use +secret 1 +-/,
  );
  const early = await getToken(first);
  expect(early.status).toBe(200);
  expect(await operator.adminFailing("revoke", "--machine", "other")).toMatch(
    /no machine client "other".*machines` lists/,
  );
  expect(await operator.admin("revoke", "--machine", "nightly")).toMatch(/^Dry run: nothing/);
  expect(await operator.admin("revoke", "--machine", "nightly", "--yes")).toMatch(
    /Ended every token that the machine client nightly has now\..*take its secret, key or rule/,
  );
  expect(await call(early.access_token)).toBe(401);
  expect(JSON.parse(await operator.admin("machines", "--json"))).toMatchObject([
    { name: "nightly", ways: ["secret 1"], ended: expect.stringMatching(/^20\d\d-/) },
  ]);

  // Both count while it changes them; then the first is gone.
  const second = await configure([1, 2]);
  expect(second).not.toBe(first);
  expect((await getToken(first)).status).toBe(200);
  expect((await getToken(second)).status).toBe(200);
  expect(await configure([2])).toBe(second);
  expect((await getToken(first)).status).toBe(401);
  expect(operator.seen).not.toContain(first);
});
