import type { ServerContext } from "@modelcontextprotocol/server";
import { ResourceNotFoundError } from "@modelcontextprotocol/server";
import { afterEach, expect, test, vi } from "vitest";
import { scopes } from "../../tests/fixture/scopes.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { ToolError } from "../kit/tool-error.ts";
import { challengeScope, guard, requireScope } from "./registration.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function withScopes(...scopes: string[]): ServerContext {
  const authInfo = { token: "", clientId: "client", scopes };
  return { http: { authInfo } } as unknown as ServerContext;
}

test("what a challenge let through by mistake is refused where the work begins", () => {
  expect(() =>
    requireScope({ scopes, settings: workerSettings }, "demo:read", withScopes("demo:write")),
  ).not.toThrow();
  for (const ctx of [withScopes("demo:use"), {} as ServerContext]) {
    expect(() => requireScope({ scopes, settings: workerSettings }, "demo:read", ctx)).toThrow(
      /needs the scope demo:read/,
    );
  }
  try {
    requireScope({ scopes, settings: workerSettings }, "demo:read", withScopes("demo:use"));
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

test("a scope that the person may not have is told in words, and asked for by no challenge", () => {
  const settings = {
    ...workerSettings,
    scopesByGroup: { "*": ["demo:use"], acme: ["demo:write"] },
  };
  const challenge = (scope: string, groups: string[]) => {
    const props = { userId: "ada", method: "oidc", groups };
    const authInfo = { token: "", clientId: "client", scopes: ["demo:use"], extra: { props } };
    const request = new Request("https://mcp.example/mcp");
    const input = { authInfo, request } as never;
    const ctx = { http: { authInfo } } as unknown as ServerContext;
    const limits = { scopes, settings };
    return {
      asked: challengeScope(limits, scope)(input),
      run: () => requireScope(limits, scope, ctx),
    };
  };
  expect(challenge("demo:read", ["acme"]).asked).toBeDefined();
  expect(challenge("demo:read", ["acme"]).run).toThrow(/Connect again and allow it/);
  expect(challenge("demo:read", []).asked).toBeUndefined();
  expect(challenge("demo:read", []).run).toThrow(/this account may not have/);
});
