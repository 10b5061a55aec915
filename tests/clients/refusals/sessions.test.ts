import { expect } from "vitest";
import { startTestServer } from "../../support/dev-server.ts";
import { postMessage, SseStream } from "../../support/mcp-by-hand.ts";
import { OAuthApp } from "../../support/oauth-app.ts";
import { Person } from "../../support/person.ts";
import { test } from "../../support/test.ts";
import { toolNames } from "../../support/tool-names.ts";

const path = "/sse";

test("an HTTP+SSE session belongs to one person and one client", async ({ server }) => {
  const sse = `${server.origin}${path}`;
  const app = await OAuthApp.register(server.origin, "One client");
  const otherApp = await OAuthApp.register(server.origin, "Another client");
  const ada = new Person("ada@example.com");
  const owner = await app.logIn(ada, { path });
  const stranger = await app.logIn(new Person("mallory@example.com"), { path });
  const sameAtOtherClient = await otherApp.logIn(ada, { path });

  await using stream = await SseStream.open(sse, owner.accessToken);
  expect(await stream.listToolNames(owner.accessToken)).toEqual(toolNames);
  const rubbish = [
    "",
    "rubbish",
    "0".repeat(64),
    `${stream.messageUrl.searchParams.get("sessionId")}0`,
  ];
  const refused = [
    postMessage(stream.messageUrl, stranger.accessToken),
    postMessage(stream.messageUrl, sameAtOtherClient.accessToken),
    postMessage(`${sse}/message`, owner.accessToken),
    ...rubbish.map((id) => postMessage(`${sse}/message?sessionId=${id}`, owner.accessToken)),
  ];
  const answers = await Promise.all(refused);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  // A stranger learns nothing from the wording either.
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);

  expect(await stream.listToolNames(owner.accessToken)).toEqual(toolNames);
});

test("a session ends with its stream, and a login outlives the server", async () => {
  await using server = await startTestServer();
  const sse = `${server.origin}${path}`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path });

  const left = await SseStream.open(sse, accessToken);
  await left[Symbol.asyncDispose]();
  // How soon the server learns of it is up to the network.
  await expect.poll(async () => (await postMessage(left.messageUrl, accessToken)).status).toBe(404);

  await using cut = await SseStream.open(sse, accessToken);
  await server.restart();
  expect((await postMessage(cut.messageUrl, accessToken)).status).toBe(404);
  await using stream = await SseStream.open(sse, accessToken);
  expect(await stream.listToolNames(accessToken)).toEqual(toolNames);
});

test("a message of a wrong form is refused or answered on the stream, and fails nothing", async ({
  server,
}) => {
  const sse = `${server.origin}${path}`;
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"), { path });
  await using stream = await SseStream.open(sse, accessToken);
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call" };
  for (const message of [[call], { ...call, params: null }, { ...call, params: [] }, { id: 1 }]) {
    const { status } = await postMessage(stream.messageUrl, accessToken, message);
    expect([202, 400], JSON.stringify(message)).toContain(status);
  }
  // Nested so deeply that reading it would exhaust the stack.
  const deep = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${"[".repeat(300_000)}${"]".repeat(300_000)}}`;
  for (const url of [stream.messageUrl, new URL("/sse", server.origin)]) {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${accessToken}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
      },
      body: deep,
    });
    await response.text();
    expect(response.status, url.pathname).toBeLessThan(500);
  }
});
