import { setTimeout as wait } from "node:timers/promises";
import { at, page, redirectTo, rewrite, withHeaders } from "./alterations.ts";
import type { Alter } from "./altered-server.ts";

/** One thing that is wrong, and how its line must say so. */
export interface Break {
  readonly what: string;
  readonly verdict: "failed" | "warning";
  readonly alter: Alter;
}

const document = "/.well-known/oauth-protected-resource/mcp";
const metadata = "/.well-known/oauth-authorization-server";

const fail = (what: string, alter: Alter): Break => ({ what, verdict: "failed", alter });
const warn = (what: string, alter: Alter): Break => ({ what, verdict: "warning", alter });

/** Answers a machine client: of all that ask for a token here, it alone has a secret. */
const asMachine = (answer: () => Response): Alter =>
  at("/token", (response, { headers }) => (headers.has("authorization") ? answer() : response));

/** Announces machine clients. */
const addMachineGrant = (more: object): Alter =>
  at(
    metadata,
    rewrite((found) => ({
      ...found,
      grant_types_supported: [found.grant_types_supported, "client_credentials"].flat(),
      ...more,
    })),
  );

/** What can go wrong at a server that answers, by the line that must find it; no other line may. */
export const breaks: Readonly<Record<string, readonly Break[]>> = {
  answers: [
    fail("the Worker is down", () => new Response("error code: 1101", { status: 500 })),
    fail(
      "nothing is at the endpoint",
      at("/mcp", () => new Response("No", { status: 404 })),
    ),
  ],
  gate: [
    fail("Cloudflare Access covers the host", () =>
      redirectTo("https://acme.cloudflareaccess.com/cdn-cgi/access/login/x?kid=1"),
    ),
    fail(
      "Access covers one endpoint",
      at("/sse", () => redirectTo("/cdn-cgi/access/login/x")),
    ),
    fail("a challenge is in front", () => {
      const response = page("Just a moment...", 403);
      response.headers.set("cf-mitigated", "challenge");
      return response;
    }),
    fail(
      "a firewall blocks the document",
      at(document, () => page("Attention Required!", 403)),
    ),
    fail(
      "a login page is in front",
      at("/mcp", () => redirectTo("/login?next=/mcp", 303)),
    ),
    fail(
      "a password is asked for",
      () =>
        new Response("", { status: 401, headers: { "www-authenticate": 'Basic realm="Staging"' } }),
    ),
    fail(
      "a website is in front",
      at("/mcp", () => page("Welcome")),
    ),
  ],
  redirects: [
    fail(
      "a slash is added",
      at("/mcp", () => redirectTo("/mcp/", 308)),
    ),
    fail("the host changes", (request) => {
      const { pathname } = new URL(request.url);
      return redirectTo(`https://www.example.com${pathname}?secret=1`, 301);
    }),
    fail(
      "a document moved",
      at(metadata, () => redirectTo("/oauth/metadata.json")),
    ),
  ],
  "user-agents": [
    fail("AI bots are blocked", (request, pass) =>
      request.headers.get("user-agent")?.includes("Claude-User")
        ? page("Sorry, you have been blocked", 403)
        : pass(request),
    ),
    fail("scripts are blocked at a document", (request, pass) =>
      request.headers.get("user-agent")?.startsWith("python-httpx") &&
      request.url.endsWith(document)
        ? new Response("error code: 1010", { status: 403 })
        : pass(request),
    ),
  ],
  "unknown-well-known": [
    fail("a website answers every path", async (request, pass) => {
      const response = await pass(request);
      const isUnknown = request.url.includes("/.well-known/") && response.status === 404;
      return isUnknown ? page("Welcome") : response;
    }),
    warn("404 comes with a page", async (request, pass) => {
      const response = await pass(request);
      return response.status === 404 ? page("Not found", 404) : response;
    }),
    fail(
      "the OpenID document is none",
      at("/.well-known/openid-configuration", () => page("Welcome")),
    ),
  ],
  "resource-metadata-path": [
    fail(
      "the document is not there",
      at(document, () => new Response("No", { status: 404 })),
    ),
    fail(
      "the document is a page",
      at(document, () => page("Welcome")),
    ),
    fail(
      "the document is not JSON",
      at(document, () => new Response("{")),
    ),
    fail(
      "the document names no server",
      at(
        document,
        rewrite(({ resource }) => ({ resource })),
      ),
    ),
    fail(
      "the second endpoint has none",
      at("/.well-known/oauth-protected-resource/sse", () => new Response("No", { status: 404 })),
    ),
  ],
  "resource-metadata-root": [
    fail(
      "a page is there",
      at("/.well-known/oauth-protected-resource", () => page("Welcome")),
    ),
    fail(
      "a document of another server is there",
      at("/.well-known/oauth-protected-resource", () =>
        Response.json({ resource: "https://other.example/mcp" }),
      ),
    ),
    warn(
      "the endpoint's own document is there",
      at("/.well-known/oauth-protected-resource", (_response, request) =>
        Response.json({ resource: new URL("/mcp", request.url).href }),
      ),
    ),
  ],
  resource: [
    fail(
      "it has a slash at the end",
      at(
        document,
        rewrite((found) => ({ ...found, resource: `${found.resource}/` })),
      ),
    ),
    fail(
      "it is another host's",
      at(
        document,
        rewrite((found) => ({ ...found, resource: "https://old.example/mcp" })),
      ),
    ),
    warn(
      "it is the whole origin",
      at(
        document,
        rewrite((found) => ({ ...found, resource: new URL(String(found.resource)).origin })),
      ),
    ),
  ],
  "authorization-server-metadata": [
    fail(
      "it is not there",
      at(metadata, () => new Response("No", { status: 404 })),
    ),
    fail(
      "it is a page",
      at(metadata, () => page("Welcome")),
    ),
    fail(
      "its token endpoint is relative",
      at(
        metadata,
        rewrite((found) => ({ ...found, token_endpoint: "/token" })),
      ),
    ),
    fail(
      "the server named is not encrypted",
      at(
        document,
        rewrite((found) => ({ ...found, authorization_servers: ["http://auth.example"] })),
      ),
    ),
  ],
  issuer: [
    fail(
      "it has a slash at the end",
      at(
        metadata,
        rewrite((found) => ({ ...found, issuer: `${found.issuer}/` })),
      ),
    ),
    fail(
      "it is absent",
      at(
        metadata,
        rewrite(({ issuer: _, ...rest }) => rest),
      ),
    ),
  ],
  pkce: [
    fail(
      "it is not announced",
      at(
        metadata,
        rewrite(({ code_challenge_methods_supported: _, ...rest }) => rest),
      ),
    ),
    warn(
      "plain is announced as well",
      at(
        metadata,
        rewrite((found) => ({ ...found, code_challenge_methods_supported: ["S256", "plain"] })),
      ),
    ),
  ],
  "public-clients": [
    warn(
      "a secret is asked of every client",
      at(
        metadata,
        rewrite((found) => ({
          ...found,
          token_endpoint_auth_methods_supported: ["client_secret_post"],
        })),
      ),
    ),
  ],
  "cimd-flag": [
    warn(
      "documents are off",
      at(
        metadata,
        rewrite((found) => ({ ...found, client_id_metadata_document_supported: false })),
      ),
    ),
    fail(
      "documents and registration are off",
      at(
        metadata,
        rewrite(
          ({ client_id_metadata_document_supported: _, registration_endpoint: __, ...rest }) =>
            rest,
        ),
      ),
    ),
  ],
  iss: [
    warn(
      "it is not announced",
      at(
        metadata,
        rewrite(({ authorization_response_iss_parameter_supported: _, ...rest }) => rest),
      ),
    ),
  ],
  scopes: [
    fail(
      "an endpoint names one that nobody grants",
      at(
        document,
        rewrite((found) => ({ ...found, scopes_supported: ["demo:all"] })),
      ),
    ),
    warn("an endpoint names offline_access", async (request, pass) => {
      const add = rewrite((found) => ({
        ...found,
        scopes_supported: [...(found.scopes_supported as string[]), "offline_access"],
      }));
      const { pathname } = new URL(request.url);
      const response = await pass(request);
      return [document, metadata].includes(pathname) ? add(response) : response;
    }),
  ],
  "challenge-mcp": [
    fail(
      "the header is taken away",
      at(
        "/mcp",
        withHeaders((headers) => headers.delete("www-authenticate")),
      ),
    ),
    fail(
      "nobody is asked for a token",
      at("/mcp", () => Response.json({ jsonrpc: "2.0", id: 1 })),
    ),
    fail(
      "it is 403",
      at("/mcp", () => new Response("No", { status: 403 })),
    ),
    fail(
      "only POST is challenged",
      at("/mcp", (response, { method }) => (method === "GET" ? new Response("Hello") : response)),
    ),
    fail(
      "the address is relative",
      at("/mcp", changeChallenge(/resource_metadata="https?:\/\/[^/]+/, 'resource_metadata="')),
    ),
    fail(
      "the address is that of the other endpoint",
      at("/mcp", changeChallenge("oauth-protected-resource/mcp", "oauth-protected-resource/sse")),
    ),
    fail(
      "the address leads nowhere",
      at("/mcp", changeChallenge("oauth-protected-resource/mcp", "nothing")),
    ),
    warn("there is no address", at("/mcp", changeChallenge(/resource_metadata="[^"]*", /, ""))),
    warn("there is no scope", at("/mcp", changeChallenge(/, scope="[^"]*"/, ""))),
  ],
  "company-assertions": [
    fail(
      "the profile is announced without its grant",
      at(
        metadata,
        rewrite(({ grant_types_supported: _, ...document }) => document),
      ),
    ),
    fail(
      "an assertion that nobody has signed gives a token",
      toCompany(() => Response.json({ access_token: "any" })),
    ),
    fail(
      "the grant is not known behind it",
      toCompany(() => Response.json({ error: "unsupported_grant_type" }, { status: 400 })),
    ),
  ],
  "challenge-sse": [
    fail(
      "the header is taken away",
      at(
        "/sse",
        withHeaders((headers) => headers.delete("www-authenticate")),
      ),
    ),
    fail(
      "a stream opens for everybody",
      at("/sse", (response, { method }) =>
        method === "GET"
          ? new Response("event: endpoint\n", { headers: { "content-type": "text/event-stream" } })
          : response,
      ),
    ),
    fail("the Worker is an old one without it", (request, pass) =>
      request.url.includes("/sse") ? new Response("No", { status: 404 }) : pass(request),
    ),
  ],
  "invalid-token": [
    warn("it is not called so", at("/mcp", changeChallenge(', error="invalid_token"', ""))),
    fail(
      "it counts",
      at("/sse", (response, { headers }) =>
        headers.has("authorization") ? Response.json({ jsonrpc: "2.0", id: 1 }) : response,
      ),
    ),
  ],
  "personal-tokens": [
    warn(
      "one that does not count is told where to sign in",
      at("/mcp", (response, request) =>
        isPersonal(request)
          ? withHeaders((headers) =>
              headers.set("www-authenticate", `Bearer resource_metadata="${document}"`),
            )(response)
          : response,
      ),
    ),
    fail(
      "one that nobody has given out counts",
      at("/mcp", (response, request) =>
        isPersonal(request) ? Response.json({ jsonrpc: "2.0", id: 1 }) : response,
      ),
    ),
  ],
  cors: [
    warn(
      "documents are closed",
      at(metadata, (response, { method }) =>
        method === "GET" ? withHeaders(closeCors)(response) : response,
      ),
    ),
    warn(
      "the challenge is closed",
      at("/mcp", (response, { method }) =>
        method === "POST" ? withHeaders(closeCors)(response) : response,
      ),
    ),
    warn(
      "the challenge is not exposed",
      at(
        "/mcp",
        withHeaders((headers) => headers.set("access-control-expose-headers", "mcp-session-id")),
      ),
    ),
  ],
  preflight: [
    warn("OPTIONS is refused", (request, pass) =>
      request.method === "OPTIONS" ? new Response("No", { status: 405 }) : pass(request),
    ),
    warn(
      "a header is missing",
      at("/mcp", (response, { method }) =>
        method === "OPTIONS"
          ? withHeaders((headers) => headers.set("access-control-allow-headers", "*"))(response)
          : response,
      ),
    ),
    warn(
      "a page may not register",
      at("/register", (response, { method }) =>
        method === "OPTIONS" ? withHeaders(closeCors)(response) : response,
      ),
    ),
  ],
  "origin-policy": [
    fail(
      "cookies go along",
      at("/mcp", (response, { method }) =>
        method === "POST"
          ? withHeaders((headers) => headers.set("access-control-allow-credentials", "true"))(
              response,
            )
          : response,
      ),
    ),
    warn(
      "the sign-in can be read",
      at(
        "/authorize",
        withHeaders((headers) => headers.set("access-control-allow-origin", "*")),
      ),
    ),
  ],
  "host-policy": [
    fail("the Host decides", (request, pass) => {
      const { host } = new URL(request.url);
      return host === "doctor.invalid"
        ? Response.json({ resource: `http://${host}/mcp` })
        : pass(request);
    }),
    fail("a forwarded host decides", (request, pass) => {
      const host = request.headers.get("x-forwarded-host");
      return host === null ? pass(request) : Response.json({ resource: `http://${host}/mcp` });
    }),
    warn("every name is served on this machine", serveEveryName()),
  ],
  registration: [
    fail(
      "a redirect to this machine is refused",
      at("/register", (response, { method }) =>
        method === "POST"
          ? Response.json({ error: "invalid_redirect_uri" }, { status: 400 })
          : response,
      ),
    ),
    fail(
      "too many have registered",
      at("/register", (response, { method }) =>
        method === "POST" ? Response.json({}, { status: 429 }) : response,
      ),
    ),
    fail(
      "the redirects are changed",
      at("/register", async (response, { method }) =>
        method === "POST" && response.ok
          ? rewrite((found) => ({ ...found, redirect_uris: ["http://localhost/"] }))(response)
          : response,
      ),
    ),
    warn(
      "it answers 200",
      at("/register", (response, { method }) =>
        method === "POST" && response.ok
          ? new Response(response.body, { status: 200, headers: response.headers })
          : response,
      ),
    ),
  ],
  "machine-clients": [
    fail(
      "anybody gets a token as one",
      asMachine(() => Response.json({ access_token: "x", token_type: "bearer" })),
    ),
    fail("the metadata names a grant that there is not", (request, pass) => {
      const refuse = asMachine(() =>
        Response.json({ error: "unsupported_grant_type" }, { status: 400 }),
      );
      const { pathname } = new URL(request.url);
      return pathname === metadata ? addMachineGrant({})(request, pass) : refuse(request, pass);
    }),
    fail(
      "the metadata names no way for one to say who it is",
      addMachineGrant({ token_endpoint_auth_methods_supported: ["none"] }),
    ),
    warn(
      "the token endpoint fails",
      asMachine(() => new Response("error", { status: 500 })),
    ),
  ],
  "bad-registration": [
    fail("a script is a redirect", acceptRedirect("javascript:")),
    warn("http to another machine is a redirect", acceptRedirect("http://doctor.invalid")),
    warn(
      "the server breaks on it",
      at("/register", (response, { method }) =>
        method === "POST" && !response.ok ? new Response("", { status: 500 }) : response,
      ),
    ),
  ],
  "latency-discovery": [
    warn(
      "each document takes its time",
      at(metadata, async (response) => {
        await wait(1_010);
        return response;
      }),
    ),
  ],
};

function changeChallenge(found: string | RegExp, instead: string) {
  return withHeaders((headers) => {
    const challenge = headers.get("www-authenticate");
    if (challenge !== null) headers.set("www-authenticate", challenge.replace(found, instead));
  });
}

function closeCors(headers: Headers): void {
  headers.delete("access-control-allow-origin");
}

/** Registers a client with a redirect that must be refused. */
function acceptRedirect(beginning: string): Alter {
  return async (request, pass) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/register" || request.method !== "POST") return pass(request);
    const body = await request.text();
    if (body.includes(`"${beginning}`)) return Response.json({ client_id: "x" }, { status: 201 });
    return pass(new Request(request.url, { method: "POST", headers: request.headers, body }));
  };
}

/** Serves whoever asks by a foreign name as if by its own. */
function serveEveryName(): Alter {
  let own = "";
  return (request, pass) => {
    const { host, pathname, search } = new URL(request.url);
    if (host !== "doctor.invalid") {
      own = host;
      return pass(request);
    }
    const headers = new Headers(request.headers);
    headers.set("host", own);
    return pass(new Request(`http://${own}${pathname}${search}`, { headers }));
  };
}

function isPersonal({ headers }: Request): boolean {
  return headers.get("authorization")?.startsWith("Bearer rmcp_") === true;
}

/** Answers what is asked with a company's assertion. */
function toCompany(answer: () => Response): Alter {
  return async (request, pass) => {
    const form = new URLSearchParams(await request.clone().text());
    const [header = ""] = (form.get("assertion") ?? "").split(".");
    const isCompany = Buffer.from(header, "base64url").toString().includes("id-jag");
    return isCompany ? answer() : pass(request);
  };
}
