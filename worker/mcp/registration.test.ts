import type { ServerContext } from "@modelcontextprotocol/server";
import { ResourceNotFoundError } from "@modelcontextprotocol/server";
import { afterEach, expect, test, vi } from "vitest";
import { scopes } from "../../tests/fixture/scopes.ts";
import { ToolError } from "../kit/tool-error.ts";
import { guard, requireScope } from "./registration.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function withScopes(...scopes: string[]): ServerContext {
  const authInfo = { token: "", clientId: "client", scopes };
  return { http: { authInfo } } as unknown as ServerContext;
}

test("what a challenge let through by mistake is refused where the work begins", () => {
  expect(() => requireScope(scopes, "demo:read", withScopes("demo:write"))).not.toThrow();
  for (const ctx of [withScopes("demo:use"), {} as ServerContext]) {
    expect(() => requireScope(scopes, "demo:read", ctx)).toThrow(/needs the scope demo:read/);
  }
  try {
    requireScope(scopes, "demo:read", withScopes("demo:use"));
  } catch (error) {
    expect(error).toMatchObject({ code: -32602, data: { scope: "demo:use demo:read" } });
  }
});

test("of a resource that fails, the client learns only that, and the log has the reason", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const inside = "fetch https://api.example/?key=sk-live-1234 failed";
  const fail = (error: Error) =>
    guard("history", async () => {
      throw error;
    });
  await expect(fail(new Error(inside))).rejects.toMatchObject({
    code: -32603,
    message: "history failed on the server. Try again later.",
  });
  expect(log.mock.calls.flat().join()).toContain('"event":"call-failure","name":"history"');
  await expect(fail(new ToolError("Too old. Start again."))).rejects.toMatchObject({
    code: -32602,
    message: "Too old. Start again.",
  });
  const missing = new ResourceNotFoundError("demo://nothing");
  await expect(fail(missing)).rejects.toBe(missing);
});
