import { expect, test } from "vitest";
import { OAuthWorker } from "../tests/support/worker/oauth-worker.ts";

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    // A client that can be asked: it gets a session, where others stay stateless.
    capabilities: { elicitation: {} },
    clientInfo: { name: "test", version: "1.0.0" },
  },
});

test("a Host header that names another server is refused on every route, with a good token, too", async () => {
  const worker = new OAuthWorker();
  const {
    tokens: { access_token },
  } = await worker.logIn();
  const post = (path: string, host?: string) =>
    worker.fetch(path, {
      method: "POST",
      headers: {
        authorization: `Bearer ${access_token}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...(host !== undefined && { host }),
      },
      body: initialize,
    });
  const own = new URL(worker.settings.origin).host;
  for (const host of [undefined, own, own.toUpperCase()]) {
    const taken = await post("/mcp", host);
    expect([host, taken.status]).toEqual([host, 200]);
    expect(taken.headers.get("mcp-session-id")).not.toBeNull();
    await taken.body?.cancel();
  }
  for (const host of ["evil.example", `${own}.evil.example`, `evil.example:80`, "", "a b"]) {
    for (const path of ["/", "/mcp", "/sse", "/sse/message?sessionId=x", "/token", "/authorize"]) {
      expect([host, path, (await post(path, host)).status]).toEqual([host, path, 404]);
    }
  }
});
