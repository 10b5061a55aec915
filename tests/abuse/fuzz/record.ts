import { readForm } from "../../../scripts/mcp/doctor/signed-in/sign-in/html-browser.ts";
import { everyScope } from "../../support/connect.ts";
import { postMessage, SseStream, toInitialize, toToolCall } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import type { SentRequest } from "./sent.ts";

/** Valid requests to every endpoint of the Worker, and the streams that must stay open for them. */
export interface Recorded extends AsyncDisposable {
  readonly requests: readonly SentRequest[];
  /** An authorization request of a client that is known by its metadata document. */
  readonly askWithDocument: (clientId: string) => SentRequest;
  /** HTTP statuses of a call with each token that the recorded calls have: 200, or they try nothing. */
  readonly tryTokens: () => Promise<readonly number[]>;
}

/** Where the recorded clients take their codes. */
export const redirectUri = "http://localhost:8091/callback";

/** Pages that wait for an answer: each is used up by the first answer that counts. */
const waitingPages = 6;

const json = { "content-type": "application/json" };
const form = { "content-type": "application/x-www-form-urlencoded" };

/** Lives through what a client and a person do, and keeps each of their requests. */
export async function record(origin: string, probeSecret: string): Promise<Recorded> {
  await using open = new AsyncDisposableStack();
  const app = await OAuthApp.register(origin);
  const person = new Person("ada@example.com");
  const login = await app.logIn(person, { scope: everyScope });
  const ofSse = await app.logIn(person, { path: "/sse", scope: everyScope });
  const spare = await app.logIn(new Person("spare@example.com"));
  // The first of its requests that is sent with nothing wrong ends what the code gave.
  const redeemed = await app.logIn(new Person("redeemed@example.com"));
  const cookie = await person.browser.readCookies(origin);
  const stream = open.use(await SseStream.open(`${origin}/sse`, ofSse.accessToken));
  void drain(stream);
  const sessions = await Promise.all(
    Array.from({ length: 3 }, () => openSession(origin, login.accessToken)),
  );
  const requests: SentRequest[] = [];
  const add = (name: string, method: string, path: string, more: Partial<SentRequest> = {}) =>
    void requests.push({ name, method, path, headers: {}, ...more });

  for (const path of ["/", "/style.css", "/favicon.ico", "/nothing-here", "/robots.txt"]) {
    add("other", "GET", path);
  }
  for (const path of ["authorization-server", "protected-resource/mcp", "protected-resource/sse"]) {
    add("/.well-known", "GET", `/.well-known/oauth-${path}`);
  }
  for (const path of ["/mcp", "/sse", "/token", "/register", "/sse/message"]) {
    const headers = {
      origin: "http://localhost:6274",
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization, content-type, mcp-protocol-version",
    };
    add(`OPTIONS ${path}`, "OPTIONS", path, { headers });
  }
  const registration = {
    client_name: "A client",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
    scope: everyScope,
    client_uri: "https://app.example.com",
    logo_uri: "https://app.example.com/logo.png",
    contacts: ["ada@example.com"],
  };
  add("/register", "POST", "/register", { headers: json, body: toBody(registration) });

  await recordPages({ origin, app, person, cookie, add, probeSecret });

  const begun = app.begin();
  const fields = {
    code: {
      grant_type: "authorization_code",
      code: redeemed.code,
      code_verifier: begun.verifier,
      redirect_uri: app.redirectUri,
    },
    refresh: { grant_type: "refresh_token", refresh_token: spare.refreshToken, scope: "demo:use" },
    revoke: { token: spare.accessToken, token_type_hint: "access_token" },
  };
  for (const [name, own] of Object.entries(fields)) {
    const body = Buffer.from(String(new URLSearchParams({ client_id: app.clientId, ...own })));
    add(`/token ${name}`, "POST", "/token", { headers: form, body });
  }
  const { client_id: _none, ...alone } = { client_id: "", ...fields.refresh };
  add("/token basic", "POST", "/token", {
    headers: { ...form, authorization: `Basic ${btoa(`${app.clientId}:`)}` },
    body: Buffer.from(String(new URLSearchParams(alone))),
  });

  recordMessages(add, login.accessToken, ofSse.accessToken, sessions, stream.messageUrl);
  const opened = open.move();
  return {
    requests,
    askWithDocument(clientId) {
      const { url } = OAuthApp.known(origin, clientId, redirectUri).begin();
      return { name: "metadata document", method: "GET", path: toPath(url), headers: { cookie } };
    },
    async tryTokens() {
      const tokens = { "/mcp": login.accessToken, "/sse": ofSse.accessToken };
      const answers = Object.entries(tokens).map(async ([path, token]) => {
        const answer = await postMessage(`${origin}${path}`, token, toToolCall("whoami", {}));
        await answer.body?.cancel();
        return answer.status;
      });
      return Promise.all(answers);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Add = (name: string, method: string, path: string, more?: Partial<SentRequest>) => void;

interface PageParts {
  readonly origin: string;
  readonly app: OAuthApp;
  readonly person: Person;
  readonly cookie: string;
  readonly add: Add;
  readonly probeSecret: string;
}

/** The pages that people see, and the forms on them. */
async function recordPages(parts: PageParts): Promise<void> {
  const { origin, app, person, cookie, add, probeSecret } = parts;
  const fromPerson = { cookie, "sec-fetch-site": "none" };
  const fromPage = { ...form, cookie, origin, "sec-fetch-site": "same-origin" };
  const { url } = app.begin();
  add("/authorize", "GET", toPath(url), { headers: fromPerson });
  add("/authorize", "GET", toPath(url));
  add("/authorize/callback", "GET", "/authorize/callback?code=abc&state=def&iss=https%3A%2F%2Fa", {
    headers: fromPerson,
  });
  add("/connections", "GET", "/connections?page=1&ended=1&failed=0", { headers: fromPerson });
  add("/probe", "POST", `/probe${url.search}`, {
    headers: { authorization: `Bearer ${probeSecret}` },
  });
  const signIn = {
    step: "sign-in",
    email: "eve@example.com",
    password: "a-password",
    cause: "person",
  };
  add("/authorize sign-in", "POST", toPath(url), {
    headers: { ...form, origin, "sec-fetch-site": "same-origin" },
    body: Buffer.from(String(new URLSearchParams(signIn))),
  });
  for (let page = 0; page < waitingPages; page++) {
    const asked = app.begin();
    await person.visit(asked.url);
    const forms = person.page.root.querySelectorAll("form");
    const cookies = await person.browser.readCookies(origin);
    for (const each of forms) {
      const values = readForm(each).map(([name, value]): [string, string] => [name, value]);
      const fields = new URLSearchParams([...values, ["decision", "approve"]]);
      add(`/authorize ${fields.get("step")}`, "POST", toPath(asked.url), {
        headers: { ...fromPage, cookie: cookies },
        body: Buffer.from(String(fields)),
      });
    }
  }
  // Connections of somebody whose tokens nobody needs.
  const other = new Person("grace@example.com");
  await app.logIn(other);
  await other.visit(`${origin}/connections`);
  const cookies = await other.browser.readCookies(origin);
  for (const each of other.page.root.querySelectorAll("form")) {
    const fields = new URLSearchParams(
      readForm(each).map(([name, value]): [string, string] => [name, value]),
    );
    const headers = { ...fromPage, cookie: cookies };
    const body = Buffer.from(String(fields));
    add(`/connections ${fields.get("step")}`, "POST", "/connections", { headers, body });
  }
}

/** Messages of both eras, to both endpoints, with and without a session, and over HTTP+SSE. */
function recordMessages(
  add: Add,
  accessToken: string,
  sseToken: string,
  sessions: readonly string[],
  messageUrl: URL,
): void {
  const headers = {
    ...json,
    accept: "application/json, text/event-stream",
    authorization: `Bearer ${accessToken}`,
  };
  const post = (name: string, message: object, more: Readonly<Record<string, string>> = {}) => {
    const body = toBody(message);
    add(`/mcp ${name}`, "POST", "/mcp", { headers: { ...headers, ...more }, body });
  };
  const messages: readonly (readonly [
    method: string,
    params: Readonly<Record<string, unknown>>,
  ])[] = [
    ["ping", {}],
    ["tools/list", { cursor: "" }],
    ["tools/call", { name: "sum", arguments: { a: 1, b: 2 }, _meta: { progressToken: 1 } }],
    ["tools/call", { name: "note", arguments: { text: "2 * (3 + 4) ^ 2" } }],
    ["tools/call", { name: "total", arguments: { numbers: [1, 2, 3] } }],
    ["tools/call", { name: "put", arguments: { name: "rate", value: 1.5 } }],
    ["tools/call", { name: "get", arguments: { name: "rate" } }],
    ["tools/call", { name: "get", arguments: { limit: 2 } }],
    ["tools/call", { name: "whoami", arguments: {} }],
    ["tools/call", { name: "choose", arguments: { thing: "a wall" } }],
    ["resources/list", {}],
    ["resources/templates/list", {}],
    ["resources/read", { uri: "demo://colours/red" }],
    ["resources/read", { uri: "demo://notes" }],
    ["prompts/list", {}],
    ["prompts/get", { name: "paint", arguments: { thing: "the sea" } }],
    [
      "completion/complete",
      {
        ref: { type: "ref/resource", uri: "demo://colours/{name}" },
        argument: { name: "name", value: "g" },
      },
    ],
    ["logging/setLevel", { level: "info" }],
  ];
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": { elicitation: { form: {} } },
    "io.modelcontextprotocol/clientInfo": { name: "by hand", version: "1.0.0" },
  };
  for (const [index, [method, params]] of messages.entries()) {
    const message = { jsonrpc: "2.0", id: index, method, params };
    post("legacy", message, { "mcp-protocol-version": "2025-11-25" });
    post(
      "modern",
      { ...message, params: { ...params, _meta: meta } },
      {
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": method,
        ...(typeof params.name === "string" && { "mcp-name": params.name }),
      },
    );
    const body = toBody(message);
    const ofSse = { ...headers, authorization: `Bearer ${sseToken}` };
    add("/sse/message", "POST", `${messageUrl.pathname}${messageUrl.search}`, {
      headers: ofSse,
      body,
    });
    if (index % 6 === 0) add("/sse streamable", "POST", "/sse", { headers: ofSse, body });
  }
  post("initialize", toInitialize({ elicitation: {}, sampling: {}, roots: { listChanged: true } }));
  post("notification", { jsonrpc: "2.0", method: "notifications/initialized", params: {} });
  post(
    "modern discover",
    { jsonrpc: "2.0", id: 1, method: "server/discover", params: { _meta: meta } },
    {
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "server/discover",
    },
  );
  for (const [index, id] of sessions.entries()) {
    const session = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    post("session", toToolCall("choose", { thing: "a wall" }), session);
    post(
      "session answer",
      { jsonrpc: "2.0", id: 0, result: { action: "accept", content: {} } },
      session,
    );
    add("GET /mcp", "GET", "/mcp", {
      headers: { ...headers, accept: "text/event-stream", ...session },
    });
    if (index === 0) add("DELETE /mcp", "DELETE", "/mcp", { headers: { ...headers, ...session } });
  }
  add("GET /sse", "GET", "/sse", {
    headers: { accept: "text/event-stream", authorization: `Bearer ${sseToken}` },
  });
}

async function openSession(origin: string, accessToken: string): Promise<string> {
  const answer = await postMessage(`${origin}/mcp`, accessToken, toInitialize({ elicitation: {} }));
  await answer.body?.cancel();
  return answer.headers.get("mcp-session-id") ?? "none";
}

/** Reads what comes, so that the stream does not stand still. */
async function drain(stream: SseStream): Promise<void> {
  try {
    while ((await stream.next()) !== "") {}
  } catch {
    // The test has ended.
  }
}

function toBody(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function toPath({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}
