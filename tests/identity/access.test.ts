import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test as plainTest } from "vitest";
import type { WorkerSpec } from "../../scripts/runtime/worker-spec.ts";
import { AccessProxy } from "../support/access-proxy.ts";
import { connectWithLogin } from "../support/connect.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { OAuthClient } from "../support/oauth-client.ts";
import { PersonElsewhere } from "../support/person-elsewhere.ts";
import { SigningKey } from "../support/signing-key.ts";
import { startStackServer } from "../support/stack-server.ts";

/** A stack with Access in front of its sign-in pages. */
async function startAccessStack(settings: Readonly<Record<string, string>> = {}) {
  await using starting = new AsyncDisposableStack();
  const access = starting.use(await AccessProxy.start());
  const { teamDomain, audience, origin, outbound } = access;
  const bindAudience = async (spec: WorkerSpec): Promise<WorkerSpec> => {
    const others = spec.bindings.filter(({ name }) => name !== "ACCESS_AUDIENCE");
    const bound = { type: "secret_text", name: "ACCESS_AUDIENCE", text: audience } as const;
    return { ...spec, bindings: [...others, bound] };
  };
  const server = starting.use(
    await startStackServer({
      settings: {
        publicUrl: origin,
        identityMethod: "access",
        accessTeamDomain: teamDomain,
        accessAudience: audience,
        ...settings,
      },
      outbound,
      change: bindAudience,
    }),
  );
  access.target = Number(new URL(server.origin).port);
  const meet = (email: string) => new PersonElsewhere(async (url) => access.signIn(url, email));
  /** Asks the Worker by a way around Access, with a token of one's own. */
  const sneakIn = async (url: URL, token?: string) => {
    const target = new URL(`${url.pathname}${url.search}`, server.origin);
    const headers = { ...(token !== undefined && { "cf-access-jwt-assertion": token }) };
    // The name that the Worker answers to.
    return fetchAs(new URL(origin).host, target, headers);
  };
  const started = starting.move();
  return { access, server, meet, sneakIn, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** A GET under another name than the address's, which `fetch` does not allow. */
async function fetchAs(host: string, url: URL, headers: Readonly<Record<string, string>>) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(url, { headers: { ...headers, host } }, resolve).on("error", reject);
  const response = await promise;
  return { status: response.statusCode, text: await text(response) };
}

/** One stack for all that differ in nothing: each brings its own apps and browsers. */
const test = plainTest.extend(
  "stack",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern to know what is needed.
  async ({}, { onCleanup }) => {
    const stack = await startAccessStack();
    onCleanup(() => stack[Symbol.asyncDispose]());
    return stack;
  },
);

test("an MCP client logs in through Access, which stands before the sign-in pages only", async ({
  stack,
}) => {
  const { origin } = stack.access;
  const oauth = new OAuthClient(stack.meet("Ada@Example.com"), "Modern client");
  await using client = await connectWithLogin(new URL("/mcp", origin), oauth);
  const { structuredContent: me } = await client.callTool({ name: "whoami", arguments: {} });
  expect(me).toMatchObject({ email: "ada@example.com", identityMethod: "access" });
  expect(stack.server.requests.join("\n")).not.toMatch(/example\.com|eyJ/i);
});

test("a way around Access, and a token that is not Access's for this server, sign nobody in", async ({
  stack,
}) => {
  const { access, sneakIn } = stack;
  const app = await OAuthApp.register(access.origin);
  const { url } = app.begin();
  const now = Math.floor(Date.now() / 1000);
  const make = (changes: object) => access.makeToken("ada@example.com", changes);
  const good = make({});
  const [head, body, signature] = good.split(".");
  const none = Buffer.from(JSON.stringify({ alg: "none", kid: "access-1" })).toString("base64url");
  const attempts: Record<string, string | undefined> = {
    "no token": undefined,
    "no JWT": "rubbish",
    "an empty one": "..",
    "another key": access.makeToken("ada@example.com", {}, new SigningKey("access-1")),
    "a key that the team does not have": access.makeToken("a@b.example", {}, new SigningKey("x")),
    "no signature": `${none}.${body}.`,
    "changed claims": `${head}.${Buffer.from('{"type":"app"}').toString("base64url")}.${signature}`,
    expired: make({ exp: now - 40 }),
    "without an end": make({ exp: undefined }),
    "not yet valid": make({ nbf: now + 60 }),
    "another application": make({ aud: ["0".repeat(64)] }),
    "no audience": make({ aud: undefined }),
    "another team": make({ iss: "https://evil.cloudflareaccess.com" }),
    "a token of the team, not of an application": make({ type: "org" }),
    "a service token": make({ email: undefined, sub: "", common_name: "ci.access" }),
    "a service token with an id": make({ email: undefined, common_name: "ci.access" }),
  };
  for (const [name, token] of Object.entries(attempts)) {
    const response = await sneakIn(url, token);
    expect(response.status, name).toBe(403);
    expect(response.text, name).toContain("Cloudflare Access did not sign you in");
  }
  // The way itself works.
  const welcome = await sneakIn(url, good);
  expect(welcome.status).toBe(200);
  expect(welcome.text).toContain("ada@example.com");
});

plainTest(
  "while the team's keys cannot be had nobody gets in, and afterwards they do",
  async () => {
    await using stack = await startAccessStack();
    const { access, sneakIn } = stack;
    const { url } = (await OAuthApp.register(access.origin)).begin();
    access.areKeysServed = false;
    const down = await sneakIn(url, access.makeToken("ada@example.com"));
    expect(down.status).toBe(503);
    expect(down.text).toContain("Sign-in does not answer");
    access.areKeysServed = true;
    expect((await sneakIn(url, access.makeToken("ada@example.com"))).status).toBe(200);
  },
);

/** Uses the page's way to another account: signs out at Access, then goes on. */
async function switchAccount(person: PersonElsewhere): Promise<void> {
  const here = person.page.url;
  const page = await person.submit("switch");
  expect(page.status).toBe(200);
  const [signOut, goOn] = ["Sign out", "Continue"].map((words) =>
    page.root.querySelectorAll("a").find(({ text }) => text === words),
  );
  // A tab of its own: Access shows a page of its own afterwards, and this one stays.
  expect(signOut?.getAttribute("target")).toBe("_blank");
  await person.visit(new URL(signOut?.getAttribute("href") ?? "", here));
  const next = new URL(goOn?.getAttribute("href") ?? "", here);
  expect(next.href).toBe(here.href);
  await person.visit(next);
  await person.goElsewhere();
}

test("a person behind Access changes the account, and the client's request is still there", async ({
  stack,
}) => {
  const { access, meet } = stack;
  const app = await OAuthApp.register(access.origin, "The waiting app");
  const person = meet("ada@example.com");
  const authorization = app.begin();
  await person.visit(authorization.url);
  await person.goElsewhere();
  expect(person.page.text).toContain("ada@example.com");
  person.signInElsewhere = async (url) => access.signIn(url, "bob@example.com");
  await switchAccount(person);
  expect(person.page.text).toContain("The waiting app");
  expect(person.page.text).toContain("bob@example.com");
  expect(person.page.text).not.toContain("ada@example.com");
  await person.decide("approve");
  const code = person.page.leavesFor?.searchParams.get("code") ?? "";
  expect((await app.redeem(code, authorization)).status).toBe(200);
});

plainTest(
  "a person behind Access who is refused can come with another account, or send the app away",
  async () => {
    await using stack = await startAccessStack({ allowedEmails: '["bob@example.com"]' });
    const { access, meet } = stack;
    const app = await OAuthApp.register(access.origin);
    const person = meet("ada@example.com");
    const authorization = app.begin();
    await person.visit(authorization.url);
    await person.goElsewhere();
    expect(person.page.status).toBe(403);
    expect(person.page.text).toContain("You have no access");
    const away = person.page.root
      .querySelectorAll("a")
      .find(({ text }) => text.startsWith("Back to the app"));
    const { searchParams: told } = new URL(away?.getAttribute("href") ?? "");
    expect(told.get("error")).toBe("access_denied");
    expect(told.get("error_description")).toBe("This person may not sign in");
    person.signInElsewhere = async (url) => access.signIn(url, "bob@example.com");
    await switchAccount(person);
    await person.decide("approve");
    expect(person.page.leavesFor?.searchParams.get("code")).toBeTruthy();
  },
);

test("a person behind Access sees and ends their connections, and signs out there", async ({
  stack,
}) => {
  const { access, meet } = stack;
  const app = await OAuthApp.register(access.origin, "The connected app");
  const person = meet("ada@example.com");
  const { refreshToken } = await app.logIn(person);
  await person.visit(`${access.origin}/connections`);
  expect(person.page.text).toContain("The connected app");
  await person.submit("end");
  expect(person.page.text).toContain("1 app is disconnected");
  expect((await app.refresh(refreshToken)).status).toBe(400);
  person.signInElsewhere = async (url) => access.signIn(url, "bob@example.com");
  await person.visit(`${access.origin}/connections`);
  await switchAccount(person);
  expect(person.page.text).toContain("bob@example.com");
  expect(person.page.text).not.toContain("The connected app");
});
