import { expect } from "vitest";
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
      scopes_supported: ["math:use", "profile:read"],
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

test("under another name the server only says where it is", async ({ server }) => {
  const otherName = server.origin.replace("localhost", "127.0.0.1");
  for (const path of [
    "/",
    "/mcp",
    "/sse",
    "/authorize",
    "/.well-known/oauth-authorization-server",
  ]) {
    const response = await fetch(`${otherName}${path}`);
    expect(response.status, path).toBe(404);
    expect(await response.text(), path).toContain(`${server.origin}/`);
  }
});
