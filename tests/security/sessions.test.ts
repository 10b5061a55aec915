import { expect, test } from "vitest";
import { passTime, withBackstage } from "../support/backstage.ts";
import {
  postMessage,
  postModern,
  SseStream,
  showsForms,
  toInitialize,
} from "../support/mcp-by-hand.ts";
import { OAuthApp } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";

test("the id of a session cannot be guessed, and a question that lies too long is void", async () => {
  await using server = await startStackServer({ change: withBackstage });
  const mcp = `${server.origin}/mcp`;
  const app = await OAuthApp.register(server.origin);
  const otherApp = await OAuthApp.register(server.origin);
  const ada = new Person("ada@example.com");
  const { accessToken } = await app.logIn(ada);
  const sse = await otherApp.logIn(ada, { path: "/sse" });
  const ids: string[] = [];
  for (let count = 0; count < 8; count++) {
    const opened = await postMessage(mcp, accessToken, toInitialize({ elicitation: {} }));
    ids.push(opened.headers.get("mcp-session-id") ?? "");
    await opened.body?.cancel();
    await using stream = await SseStream.open(`${server.origin}/sse`, sse.accessToken);
    ids.push(stream.messageUrl.searchParams.get("sessionId") ?? "");
  }
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
  // Random from the first digit on; the last half names the class.
  expect(new Set(ids.map((id) => id.slice(0, 16))).size).toBe(ids.length);

  const params = { name: "choose", arguments: { thing: "a wall" } };
  const call = async (token: string, more: object = {}) => {
    const whole = { ...params, ...more };
    const answer = await postModern(mcp, token, "tools/call", whole, showsForms);
    return (await answer.json()) as {
      result?: { requestState?: string; structuredContent?: object };
      error?: { code: number };
    };
  };
  const { result } = await call(accessToken);
  const requestState = result?.requestState ?? "";
  const back = {
    requestState,
    inputResponses: { colour: { action: "accept", content: { colour: "grey" } } },
  };
  // Changed anywhere, it is void.
  for (let place = 0; place < requestState.length; place += 7) {
    const other = requestState[place] === "A" ? "B" : "A";
    const changed = requestState.slice(0, place) + other + requestState.slice(place + 1);
    const { error } = await call(accessToken, { ...back, requestState: changed });
    expect(error?.code, `${place}`).toBe(-32602);
  }
  expect((await call(accessToken, back)).result?.structuredContent).toMatchObject({ value: 1760 });
  await passTime(server.origin, 1800);
  expect((await call(accessToken, back)).error?.code).toBe(-32602);
});
