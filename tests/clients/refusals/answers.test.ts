import { expect, test as plainTest } from "vitest";
import { waitUntilReady } from "../../support/checkout.ts";
import { everyScope } from "../../support/connect.ts";
import { makeFixtureCheckout } from "../../support/fixture-checkout.ts";
import { postModern, showsForms } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";

const wall = { thing: "a wall" };
const answer = { colour: { action: "accept", content: { colour: "grey" } } };
const painted = { ...wall, colour: "grey" };

/** The part of an answer that a test looks at. */
interface Answer {
  readonly result?: {
    readonly resultType?: string;
    readonly requestState?: string;
    readonly structuredContent?: object;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

async function callTool(url: string, token: string, params: object): Promise<Answer> {
  const whole = { name: "choose", arguments: wall, ...params };
  const response = await postModern(url, token, "tools/call", whole, showsForms);
  const text = await response.text();
  return JSON.parse(text) as Answer;
}

/** Asks a question. @returns what has to come back with the answer. */
async function ask(url: string, token: string): Promise<string> {
  const { result } = await callTool(url, token, {});
  expect(result?.resultType).toBe("input_required");
  return result?.requestState ?? "";
}

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

plainTest(
  "what was asked before a rotation of keys is answered after it, and not after two",
  async () => {
    await using checkout = await makeFixtureCheckout();
    await using program = checkout.serve();
    const origin = await waitUntilReady(program);
    const app = await OAuthApp.register(origin);
    const { accessToken } = await app.logIn(new Person("ada@example.com"), { scope: everyScope });
    const mcp = `${origin}/mcp`;
    const back = { requestState: await ask(mcp, accessToken), inputResponses: answer };
    const identity = "remote-mcp-server:identityMethod: demo";
    for (const generation of [2, 3]) {
      const line = `remote-mcp-server:keyGeneration: ${generation}`;
      if (generation === 2) {
        await checkout.edit("Pulumi.dev.yaml", identity, `${identity}\n  ${line}`);
      } else {
        await checkout.edit("Pulumi.dev.yaml", "keyGeneration: 2", "keyGeneration: 3");
      }
      await program.waitFor(new RegExp(`(Reloaded[\\s\\S]*){${generation - 1}}`));
      const { result, error } = await callTool(mcp, accessToken, back);
      if (generation === 2) expect(result?.structuredContent).toMatchObject(painted);
      else expect(error?.code).toBe(-32602);
    }
  },
);
