import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { TestCloud } from "./local-cloud.ts";
import { createPkce } from "./random-pkce.ts";
import type { Wrangler } from "./wrangler.ts";

/** Name of the published demo's Worker. */
export const demoName = "remote-mcp-server";

/** The class of the published demo, with a tool that keeps every sum. 3.6 MB with its packages. */
const publishedAgent = `import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpAgent } from "agents/mcp";
import { z } from "zod";

export class MyMCP extends McpAgent {
  server = new McpServer({ name: "Demo", version: "1.0.0" });
  async init() {
    this.server.tool("add", { a: z.number(), b: z.number() }, async ({ a, b }) => {
      this.sql\`CREATE TABLE IF NOT EXISTS sums (sum INTEGER)\`;
      this.sql\`INSERT INTO sums VALUES (\${a + b})\`;
      return { content: [{ type: "text", text: String(a + b) }] };
    });
  }
}`;

/** The same shape without those packages, for a test that is not to take minutes. */
const slimAgent = `import { DurableObject } from "cloudflare:workers";

export class MyMCP extends DurableObject {
  static serve = () => ({
    fetch: (request, env) => env.MCP_OBJECT.getByName("session").fetch(request),
  });
  static serveSSE = MyMCP.serve;
  async fetch(request) {
    const { a, b } = await request.json();
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS sums (sum INTEGER)");
    this.ctx.storage.sql.exec("INSERT INTO sums VALUES (?)", a + b);
    return Response.json(a + b);
  }
}`;

/** Whether the class is the published one. */
const isPublished = process.env.SOAK === "1";

const agent = isPublished ? publishedAgent : slimAgent;

/**
 * A Worker in the shape of Cloudflare's published demo remote-mcp-server: an McpAgent bound as
 * MCP_OBJECT, grants in OAUTH_KV. Its page signs in at once, and the tool keeps every sum.
 */
const code = `import OAuthProvider from "@cloudflare/workers-oauth-provider";
${agent}

const defaultHandler = {
  async fetch(request, env) {
    if (new URL(request.url).pathname !== "/authorize") return new Response("The demo.");
    const asked = await env.OAUTH_PROVIDER.parseAuthRequest(request);
    const { redirectTo } = await env.OAUTH_PROVIDER.completeAuthorization({
      request: asked,
      userId: "ada@example.com",
      metadata: { label: "Test User" },
      scope: asked.scope,
      props: { userEmail: "ada@example.com" },
    });
    return Response.redirect(redirectTo);
  },
};

export default {
  fetch(request, env, ctx) {
    const { origin } = new URL(request.url);
    return new OAuthProvider({
      apiHandlers: { "/sse": MyMCP.serveSSE("/sse"), "/mcp": MyMCP.serve("/mcp") },
      defaultHandler,
      authorizeEndpoint: "/authorize",
      tokenEndpoint: "/token",
      clientRegistrationEndpoint: "/register",
      resourceMetadata: { resource: origin },
    }).fetch(request, env, ctx);
  },
};
`;

/** What wrangler.jsonc of the demo says. */
const config = {
  name: demoName,
  main: "src/index.js",
  compatibility_date: "2025-03-10",
  compatibility_flags: ["nodejs_compat"],
  workers_dev: true,
  migrations: [{ tag: "v1", new_sqlite_classes: ["MyMCP"] }],
  durable_objects: { bindings: [{ class_name: "MyMCP", name: "MCP_OBJECT" }] },
  observability: { enabled: true },
};

/** Deploys it with the real wrangler. @returns id of its KV namespace. */
export async function deployDemo(wrangler: Wrangler, more: object = {}): Promise<string> {
  await wrangler.linkPackages();
  await wrangler.write("src/index.js", code);
  await wrangler.write("wrangler.json", config);
  const created = await wrangler.run(["kv", "namespace", "create", "OAUTH_KV"]);
  const [id = ""] = /[0-9a-f]{32}/.exec(created) ?? [];
  await wrangler.write("wrangler.json", {
    ...config,
    kv_namespaces: [{ binding: "OAUTH_KV", id }],
    ...more,
  });
  await wrangler.run(["deploy"]);
  return id;
}

/** A client that has signed in at the demo. */
export interface DemoLogin {
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

const redirectUri = "http://localhost:8090/callback";

/** Registers a client and signs a person in, as an MCP client does. */
export async function signInAtDemo(cloud: TestCloud): Promise<DemoLogin> {
  const post = (path: string, body: string, type: string) =>
    cloud.fetchWorker(demoName, path, { method: "POST", body, headers: { "content-type": type } });
  const metadata = { redirect_uris: [redirectUri], token_endpoint_auth_method: "none" };
  const registered = await post("/register", JSON.stringify(metadata), "application/json");
  const { client_id: clientId } = (await registered.json()) as { client_id: string };
  const { verifier, challenge } = createPkce();
  const asked = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    state: "s",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const page = await cloud.fetchWorker(demoName, `/authorize?${asked}`, { redirect: "manual" });
  const callback = new URL(page.headers.get("location") ?? "");
  const answer = await exchange(cloud, {
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  });
  const { access_token: accessToken = "", refresh_token: refreshToken = "" } = answer.body;
  return { clientId, accessToken, refreshToken };
}

/** Asks the Worker's token endpoint. */
export async function exchange(cloud: TestCloud, parameters: Readonly<Record<string, string>>) {
  const answer = await cloud.fetchWorker(demoName, "/token", {
    method: "POST",
    body: new URLSearchParams(parameters),
  });
  const body = (await answer.json()) as Readonly<Record<string, string | undefined>>;
  return { status: answer.status, body };
}

/** Adds two numbers with a client's token, at the Worker's endpoint /mcp. */
export async function addAtDemo(
  cloud: TestCloud,
  { accessToken }: DemoLogin,
  sum: { readonly a: number; readonly b: number },
): Promise<void> {
  const headers = { authorization: `Bearer ${accessToken}` };
  if (!isPublished) {
    const body = JSON.stringify(sum);
    const answer = await cloud.fetchWorker(demoName, "/mcp", { method: "POST", headers, body });
    if (!answer.ok) throw new Error(`The demo answered ${answer.status}.`);
    return;
  }
  const { port } = cloud.local.workers.find(({ script }) => script === demoName) ?? { port: 0 };
  const transport = new StreamableHTTPClientTransport(new URL(`http://localhost:${port}/mcp`), {
    requestInit: { headers },
  });
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport as Parameters<Client["connect"]>[0]);
  await client.callTool({ name: "add", arguments: sum });
  await client.close();
}

/** Makes a login one of an older OAuth library, which bound grants and tokens to no resource. */
export async function forgetResource(
  cloud: TestCloud,
  namespace_id: string,
  { accessToken }: DemoLogin,
): Promise<void> {
  const { namespaces } = cloud.client.kv;
  const [userId = "", grantId = ""] = accessToken.split(":");
  for (const [prefix, field] of [
    [`grant:${userId}:${grantId}`, "resource"],
    [`token:${userId}:${grantId}:`, "audience"],
  ] as const) {
    const keys = await namespaces.keys.list(namespace_id, { ...cloud.account, prefix });
    for (const { name } of keys.result) {
      const stored = await namespaces.values.get(name, { ...cloud.account, namespace_id });
      const { [field]: _gone, ...record } = (await stored.json()) as Record<string, unknown>;
      const value = JSON.stringify(record);
      await namespaces.bulkUpdate(namespace_id, { ...cloud.account, body: [{ key: name, value }] });
    }
  }
}
