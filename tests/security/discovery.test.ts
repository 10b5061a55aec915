import { expect } from "vitest";
import { readChallenge } from "../support/challenge.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { test } from "../support/test.ts";

test("a client finds everything it needs at the well-known addresses, and nothing else", async ({
  server,
}) => {
  const { origin } = server;
  const read = async (path: string) => {
    const response = await fetch(`${origin}/.well-known/${path}`);
    expect(response.status, path).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };

  expect(await read("oauth-authorization-server")).toMatchObject({
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    registration_endpoint: `${origin}/register`,
    code_challenge_methods_supported: ["S256"],
    response_types_supported: ["code"],
    client_id_metadata_document_supported: true,
    authorization_response_iss_parameter_supported: true,
  });
  for (const path of ["/mcp", "/sse"]) {
    // VS Code compares the resource with the URL that the person typed, character by character.
    expect(await read(`oauth-protected-resource${path}`)).toMatchObject({
      resource: `${origin}${path}`,
      authorization_servers: [origin],
      scopes_supported: ["demo:use", "demo:profile"],
    });
    for (const method of ["GET", "POST"]) {
      const response = await fetch(`${origin}${path}`, { method });
      expect(response.status, `${method} ${path}`).toBe(401);
      expect(response.headers.get("www-authenticate")).toContain(
        `resource_metadata="${origin}/.well-known/oauth-protected-resource${path}"`,
      );
    }
  }

  // A client takes a page with status 200 for a document, and fails on it.
  const unknown = [
    "openid-configuration",
    "openid-configuration/mcp",
    "oauth-authorization-server/mcp",
    "oauth-protected-resource",
    "oauth-protected-resource/mcp/",
    "oauth-protected-resource/other",
    "anything",
  ];
  for (const path of unknown) {
    const response = await fetch(`${origin}/.well-known/${path}`);
    expect(response.status, path).toBe(404);
    expect(response.headers.get("content-type"), path).not.toContain("text/html");
  }
});

test("every answer to an authorization request names its issuer, the good and the bad", async ({
  server,
}) => {
  const { origin } = server;
  const document = await fetch(`${origin}/.well-known/oauth-authorization-server`);
  const { issuer } = (await document.json()) as { issuer: string };
  // Compared without normalization: RFC 9207 section 2.4.
  expect(issuer).toBe(origin);
  const app = await OAuthApp.register(origin);
  const person = new Person("ada@example.com");
  const invalid = app.begin({ challengeMethod: "plain" });
  const answers = {
    code: await person.authorize(app.begin().url),
    access_denied: await person.authorize(app.begin().url, { decision: "deny" }),
    invalid_request: (await person.visit(invalid.url)).leavesFor,
  };
  for (const [what, redirect] of Object.entries(answers)) {
    expect(redirect?.searchParams.getAll("iss"), what).toEqual([issuer]);
    expect(redirect?.searchParams.get("error") ?? "code").toBe(what);
  }
});

test("a 401 says where to look, which scopes to ask for, and whether the token was bad", async ({
  server,
}) => {
  const { origin } = server;
  for (const path of ["/mcp", "/sse"]) {
    const resource_metadata = `${origin}/.well-known/oauth-protected-resource${path}`;
    const first = await fetch(`${origin}${path}`, { method: "POST" });
    expect(first.status).toBe(401);
    const challenge = readChallenge(first);
    expect(challenge).toMatchObject({ resource_metadata, scope: "demo:use demo:profile" });
    expect(challenge).not.toHaveProperty("error");
    for (const token of ["rubbish", "a:b:c", "a:b", "x".repeat(5000), "é"]) {
      const headers = { authorization: `Bearer ${token}` };
      const refused = await fetch(`${origin}${path}`, { method: "POST", headers });
      expect(refused.status, token).toBe(401);
      expect(readChallenge(refused), token).toMatchObject({
        resource_metadata,
        error: "invalid_token",
      });
    }
  }
});

test("a browser page on this machine may ask every endpoint before it calls", async ({
  server,
}) => {
  const origin = "http://localhost:6274";
  const asks: Record<string, string> = {
    "/mcp": "POST",
    "/sse": "POST",
    "/token": "POST",
    "/register": "POST",
    "/.well-known/oauth-authorization-server": "GET",
    "/.well-known/oauth-protected-resource/mcp": "GET",
  };
  for (const [path, method] of Object.entries(asks)) {
    const answer = await fetch(`${server.origin}${path}`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization, content-type, mcp-protocol-version",
      },
    });
    expect(answer.status, path).toBe(204);
    expect([origin, "*"], path).toContain(answer.headers.get("access-control-allow-origin"));
    // A page sends no cookies along: nothing here goes by them.
    expect(answer.headers.has("access-control-allow-credentials"), path).toBe(false);
    const allowed = answer.headers.get("access-control-allow-headers")?.toLowerCase() ?? "";
    expect(allowed, path).toMatch(/authorization/);
    expect(allowed, path).toMatch(/\*|mcp-protocol-version/);
  }
  // A page of another site cannot drive the pages.
  for (const path of ["/authorize", "/"]) {
    const answer = await fetch(`${server.origin}${path}`, {
      method: "OPTIONS",
      headers: { origin },
    });
    expect(answer.headers.has("access-control-allow-origin"), path).toBe(false);
  }
});
