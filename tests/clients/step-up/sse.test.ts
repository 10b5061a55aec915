import { auth, UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { SSEClientTransport } from "@modelcontextprotocol/sdk/client/sse.js";
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import { ToolListChangedNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { expect, test } from "vitest";
import { tools } from "../../fixture/tools/index.ts";
import { readChallenge } from "../../support/challenge.ts";
import { LegacyOAuthClient } from "../../support/oauth-client.ts";
import { Person } from "../../support/person.ts";
import { startStackServer } from "../../support/stack-server.ts";
import { toolNames } from "../../support/tool-names.ts";

const put = { name: "put", arguments: { name: "vat_rate", value: 19 } };
const get = { name: "get", arguments: {} };
const sum = { name: "sum", arguments: { a: 2, b: 40 } };

/** Names of the tools that the base scopes allow. */
const baseToolNames = tools
  .filter(({ scope }) => ["demo:use", "demo:profile"].includes(scope as string))
  .map(({ name }) => name);

/** The SDK's own HTTP+SSE client tells of a 403 and does nothing: its host takes it from there. */
class Host extends LegacyOAuthClient {
  readonly url: URL;
  /** The last message that was refused. */
  refused: Response | undefined;

  constructor(url: URL) {
    super(new Person("ada@example.com"), "HTTP+SSE host");
    this.url = url;
  }

  /** Without the refresh token: a step-up needs the person. */
  override tokens(): OAuthTokens | undefined {
    const { refresh_token: _kept, ...tokens } = super.tokens() ?? {};
    return "access_token" in tokens ? (tokens as OAuthTokens) : undefined;
  }

  /** Logs in and connects. */
  async connect() {
    const open = () =>
      new SSEClientTransport(this.url, {
        authProvider: this,
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          if (response.status === 403) this.refused = response.clone();
          return response;
        },
      });
    const stranger = open();
    await expect(this.#client().connect(stranger)).rejects.toThrow(UnauthorizedError);
    await stranger.finishAuth(this.readCallback().code);
    const client = this.#client();
    await client.connect(open());
    return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
  }

  /** Asks the person for what the last refusal named. The stream stays open meanwhile. */
  async stepUp(): Promise<void> {
    if (this.refused === undefined) throw new Error("Nothing was refused.");
    const { scope = "", resource_metadata: metadata = "" } = readChallenge(this.refused);
    const about = { serverUrl: this.url, resourceMetadataUrl: new URL(metadata), scope };
    await auth(this, about);
    await auth(this, { ...about, authorizationCode: this.readCallback().code });
  }

  #client(): Client {
    return new Client({ name: "host", version: "1.0.0" });
  }
}

/** The tools that ran, with how it ended, from the log. */
function listCalls(lines: readonly string[]): string[] {
  return lines
    .filter((line) => line.includes('"event":"tool"'))
    .map((line) => {
      const { tool, outcome } = JSON.parse(line) as { tool: string; outcome: string };
      return `${tool} ${outcome}`;
    });
}

test("over HTTP+SSE a call without the scope never reaches the session, and works after the step-up", async () => {
  await using server = await startStackServer();
  const host = new Host(new URL("/sse", server.origin));
  await using client = await host.connect();
  const told: unknown[] = [];
  client.fallbackNotificationHandler = async (notification) => void told.push(notification);

  await expect(client.callTool(put)).rejects.toThrow(/HTTP 403.*insufficient_scope/);
  expect(listCalls(server.requests)).toEqual([]);
  expect(host.refused && readChallenge(host.refused)).toEqual({
    error: "insufficient_scope",
    error_description: "Insufficient scope",
    scope: "demo:use demo:profile demo:write",
    resource_metadata: `${server.origin}/.well-known/oauth-protected-resource/sse`,
  });
  // The stream goes on, and so does what was granted.
  expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(toolNames);

  await host.stepUp();
  expect(host.requested.at(-1)).toBe("demo:use demo:profile demo:write");
  // It was not kept from the refused call.
  expect((await client.callTool(get)).structuredContent).toEqual({ values: [] });
  expect((await client.callTool(put)).structuredContent).toMatchObject({ replaced: false });
  expect((await client.callTool(sum)).structuredContent).toEqual({ sum: 42 });
  expect(listCalls(server.requests)).toEqual(["sum ok", "get ok", "put ok", "sum ok"]);
  // All tools were listed before, so there is nothing to tell.
  expect(told).toEqual([]);
});

test("where what the token lacks is hidden, the list grows with a step-up and the client is told", async () => {
  await using server = await startStackServer({ settings: { hideUngrantedTools: "true" } });
  const host = new Host(new URL("/sse", server.origin));
  await using client = await host.connect();
  expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: true });
  const changed = Promise.withResolvers<void>();
  let changes = 0;
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    changes += 1;
    changed.resolve();
  });
  const list = async () => (await client.listTools()).tools.map(({ name }) => name);
  expect(await list()).toEqual(baseToolNames);

  // Hidden is not closed: who knows the name is told what to ask for.
  await expect(client.callTool(put)).rejects.toThrow(/HTTP 403.*insufficient_scope/);
  expect(changes).toBe(0);
  await host.stepUp();
  expect((await client.callTool(put)).structuredContent).toMatchObject({ name: "vat_rate" });
  await changed.promise;
  expect(await list()).toEqual(toolNames);
  expect(changes).toBe(1);
});
