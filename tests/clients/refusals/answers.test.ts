import { expect } from "vitest";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";
import { type Answer, answer, ask, callTool, painted } from "./ask-colour.ts";

test("an answer counts for the person, the client, the endpoint and the call that was asked, unchanged", async ({
  server,
}) => {
  const mcp = `${server.origin}/mcp`;
  const sse = `${server.origin}/sse`;
  const app = await OAuthApp.register(server.origin);
  const otherApp = await OAuthApp.register(server.origin);
  const ada = new Person("ada@example.com");
  const { accessToken } = await app.logIn(ada);
  const stranger = await app.logIn(new Person("mallory@example.com"));
  const otherClient = await otherApp.logIn(ada);
  const otherEndpoint = await app.logIn(ada, { path: "/sse" });
  const requestState = await ask(mcp, accessToken);
  const back = { requestState, inputResponses: answer };

  const refused: Record<string, Promise<Answer>> = {
    "another person": callTool(mcp, stranger.accessToken, back),
    "another client": callTool(mcp, otherClient.accessToken, back),
    "another endpoint": callTool(sse, otherEndpoint.accessToken, back),
    "a changed state": callTool(mcp, accessToken, {
      ...back,
      requestState: `${requestState.slice(0, -3)}AAA`,
    }),
    rubbish: callTool(mcp, accessToken, { ...back, requestState: "rubbish" }),
  };
  for (const [who, pending] of Object.entries(refused)) {
    expect((await pending).error?.code, who).toBe(-32602);
  }
  for (const call of [
    { ...back, arguments: { thing: "a door" } },
    { ...back, name: "sum", arguments: { a: 1, b: 2 } },
  ]) {
    expect((await callTool(mcp, accessToken, call)).result).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining("belongs to another call") }],
    });
  }
  const { result } = await callTool(mcp, accessToken, back);
  expect(result?.structuredContent).toMatchObject(painted);
});

test("an answer that does not fit the form is asked for again", async ({ server }) => {
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const requestState = await ask(mcp, accessToken);
  for (const content of [{}, { colour: "ultraviolet" }, { colour: 5 }, undefined]) {
    const inputResponses = { colour: { action: "accept", content } };
    const { result } = await callTool(mcp, accessToken, { requestState, inputResponses });
    expect(result?.resultType, JSON.stringify(content)).toBe("input_required");
  }
});

test("a question that travelled through the client holds nothing of the person in clear", async ({
  server,
}) => {
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("very.private@example.com"));
  const state = await ask(mcp, accessToken);
  const [, body = ""] = state.split(".");
  const clear = Buffer.from(body, "base64url").toString();
  expect(clear).toContain('"exp"');
  expect(clear).not.toContain("private");
  expect(clear).not.toContain(accessToken.split(":")[0]);
});

test("what a client sends unasked does not travel on", async ({ server }) => {
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const inputResponses = { other: { action: "accept", content: { junk: "x".repeat(100_000) } } };
  const { result } = await callTool(mcp, accessToken, { inputResponses });
  expect(result?.resultType).toBe("input_required");
  expect(result?.requestState?.length).toBeLessThan(1000);
});
