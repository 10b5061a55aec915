import type { ServerContext } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import { requireScope } from "./registration.ts";

function withScopes(...scopes: string[]): ServerContext {
  const authInfo = { token: "", clientId: "client", scopes };
  return { http: { authInfo } } as unknown as ServerContext;
}

test("what a challenge let through by mistake is refused where the work begins", () => {
  expect(() => requireScope("memory:read", withScopes("memory:write"))).not.toThrow();
  for (const ctx of [withScopes("math:use"), {} as ServerContext]) {
    expect(() => requireScope("memory:read", ctx)).toThrow(/needs the scope memory:read/);
  }
  try {
    requireScope("memory:read", withScopes("math:use"));
  } catch (error) {
    expect(error).toMatchObject({ code: -32602, data: { scope: "math:use memory:read" } });
  }
});
