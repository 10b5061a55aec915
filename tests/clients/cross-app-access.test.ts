import { createHash, randomUUID } from "node:crypto";
import {
  type CallToolResult,
  Client,
  CrossAppAccessProvider,
  StreamableHTTPClientTransport,
} from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { SigningKey } from "../support/signing-key.ts";
import { startStackServer } from "../support/stack-server.ts";

const issuer = "https://acme.okta.test";
const jwksUrl = `${issuer}/oauth2/v1/keys`;
const chat = { id: "chat", secret: "the-secret-of-chat-at-this-server" };

/** A stack that takes what the company of this test signs, and how that signs it. */
async function startCompanyStack() {
  const state = { key: new SigningKey("first"), asked: 0 };
  const server = await startStackServer({
    settings: {
      preRegisteredClients: JSON.stringify([
        {
          clientId: chat.id,
          name: "Chat of Acme",
          redirectUris: ["https://chat.example/callback"],
          secretSha256: createHash("sha256").update(chat.secret).digest("hex"),
        },
      ]),
      enterpriseIssuers: JSON.stringify([
        {
          issuer,
          jwksUrl,
          clientIds: [chat.id],
          scopes: ["demo:use", "demo:profile", "demo:write"],
          domains: ["acme.example"],
        },
      ]),
    },
    outbound: (url) => {
      if (url !== jwksUrl) throw new Error(`The Worker asked ${url}.`);
      state.asked++;
      return Response.json({ keys: [state.key.publicKey] });
    },
  });
  const sign = (audience: string, resource: string, more: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      sub: "00u1ada",
      aud: audience,
      client_id: chat.id,
      jti: randomUUID(),
      iat: now,
      exp: now + 300,
      resource,
      scope: "demo:use demo:profile",
      email: "ada@acme.example",
      ...more,
    };
    return state.key.sign(claims, { typ: "oauth-id-jag+jwt" });
  };
  return { server, state, sign, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Connects the SDK's client with its own provider. @param more claims that the company says otherwise. */
async function connect(
  { server, sign }: Awaited<ReturnType<typeof startCompanyStack>>,
  more: object = {},
) {
  const authProvider = new CrossAppAccessProvider({
    clientId: chat.id,
    clientSecret: chat.secret,
    expectedIssuer: server.origin,
    assertion: ({ authorizationServerUrl, resourceUrl }) =>
      // The SDK's URL has a slash at its end; the issuer that the metadata names has none.
      sign(String(authorizationServerUrl).replace(/\/$/, ""), String(resourceUrl), more),
  });
  const client = new Client({ name: "cross-app", version: "1.0.0" });
  await client.connect(
    new StreamableHTTPClientTransport(new URL("/mcp", server.origin), { authProvider }),
  );
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

test("the SDK's CrossAppAccessProvider connects without a page, as often as it needs a token", async () => {
  await using stack = await startCompanyStack();
  for (const _time of [1, 2]) {
    await using client = await connect(stack);
    const { structuredContent: me } = (await client.callTool({
      name: "whoami",
      arguments: {},
    })) as CallToolResult;
    expect(me).toMatchObject({ email: "ada@acme.example", identityMethod: "enterprise" });
  }
  expect(stack.state.asked).toBe(1);
  const log = stack.server.requests.join("\n");
  expect(log).toContain('"event":"enterprise-token"');
  for (const secret of ["ada@acme.example", "00u1ada", chat.secret, "eyJ"]) {
    expect(log).not.toContain(secret);
  }
});

test("a company's assertion for another server, or of another address, connects nobody", async () => {
  await using stack = await startCompanyStack();
  for (const more of [{ aud: "https://other.example" }, { email: "ada@other.example" }]) {
    await expect(connect(stack, more)).rejects.toThrow(
      /invalid_grant|assertion|address|Unauthorized/i,
    );
  }
  expect(stack.server.requests.join("\n")).toContain('"event":"enterprise-refused"');
});
