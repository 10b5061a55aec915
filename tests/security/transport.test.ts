import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { atDomain } from "../support/at-domain.ts";
import { getStream, postMessage, postModern, SseStream } from "../support/mcp-by-hand.ts";
import { OAuthApp, readCode } from "../support/oauth-app.ts";
import { Person } from "../support/person.ts";
import { startStackServer } from "../support/stack-server.ts";
import { test } from "../support/test.ts";
import { toolNames } from "../support/tool-names.ts";

/** Hosts that are close to this machine's, and are not it. */
const foreignOrigins = [
  "https://evil.example",
  "http://localhost.evil.example",
  "http://evil.example:6274",
  "https://evil.example/localhost",
  "null",
  "rubbish",
  "file://",
];

/** Posts part of a body and waits for the answer, as a server sends it that has seen enough. */
async function postUnfinished(
  url: string,
  headers: Readonly<Record<string, string>>,
  chunks: readonly string[],
): Promise<{ status: number | undefined; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    body: string;
  }>();
  const posted = request(url, { method: "POST", headers, agent: false });
  posted.on("error", reject);
  posted.on("response", (response) => {
    text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
  });
  for (const chunk of chunks) posted.write(chunk);
  try {
    return await promise;
  } finally {
    posted.destroy();
  }
}

test("a page of a foreign site can neither call the server nor open a stream", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const person = new Person("ada@example.com");
  const { accessToken: mcpToken } = await app.logIn(person, { path: "/mcp" });
  const { accessToken: sseToken } = await app.logIn(person, { path: "/sse" });
  const mcp = `${server.origin}/mcp`;
  const sse = `${server.origin}/sse`;
  await using stream = await SseStream.open(sse, sseToken);

  for (const origin of foreignOrigins) {
    const headers = { origin };
    expect((await postMessage(mcp, mcpToken, undefined, headers)).status, origin).toBe(403);
    expect((await postMessage(sse, sseToken, undefined, headers)).status, origin).toBe(403);
    expect((await getStream(sse, sseToken, headers)).status, origin).toBe(403);
    const message = await postMessage(stream.messageUrl, sseToken, undefined, headers);
    expect(message.status, origin).toBe(403);
    const modern = await postModern(mcp, mcpToken, "tools/list", {}, {}, headers);
    expect(modern.status, origin).toBe(403);
  }
  // A page on this machine, like the Inspector's, may; and what is not a page says no origin.
  for (const headers of [{ origin: "http://localhost:6274" }, { origin: server.origin }, {}]) {
    const taken = await postMessage(mcp, mcpToken, undefined, headers);
    expect(taken.status, JSON.stringify(headers)).toBe(200);
    await taken.body?.cancel();
  }
});

test("at a custom domain its own pages and those the stack names may call, and no others", async () => {
  const domain = "https://mcp.example.com";
  await using server = await startStackServer({
    settings: { allowedOrigins: '["tools.example.com"]' },
    change: atDomain(domain),
  });
  const app = await OAuthApp.register(server.origin);
  const resource = `${domain}/mcp`;
  const authorization = app.begin();
  authorization.url.searchParams.set("resource", resource);
  const person = new Person("ada@example.com");
  await person.visit(authorization.url);
  // From here the domain's own address leads on.
  expect((await person.signIn()).leavesFor?.origin).toBe(domain);
  const redirect = await person.authorize(authorization.url);
  const { body } = await app.redeem(readCode(redirect), { ...authorization, resource });
  const call = async (origin: string) => {
    const answer = await postMessage(
      `${server.origin}/mcp`,
      body.access_token ?? "",
      { jsonrpc: "2.0", id: 1, method: "tools/list", params: {} },
      { origin },
    );
    await answer.body?.cancel();
    return answer.status;
  };
  expect(await call(domain)).toBe(200);
  expect(await call("https://tools.example.com")).toBe(200);
  for (const origin of [
    ...foreignOrigins,
    "https://example.com",
    "https://evil.mcp.example.com",
    "https://mcp.example.com.evil.example",
    "https://eviltools.example.com",
  ]) {
    expect(await call(origin), origin).toBe(403);
  }
});

test("under another name the server only says where it is", async ({ server }) => {
  const otherName = server.origin.replace("localhost", "127.0.0.1");
  const paths = ["/", "/mcp", "/sse", "/authorize", "/token", "/register"];
  for (const path of [...paths, "/.well-known/oauth-authorization-server"]) {
    for (const method of ["GET", "POST"]) {
      const response = await fetch(`${otherName}${path}`, { method });
      expect(response.status, `${method} ${path}`).toBe(404);
      expect(await response.text(), path).toContain(`${server.origin}/`);
    }
  }
  // A name that its owner points at this machine (DNS rebinding).
  const { port, hostname } = new URL(server.origin);
  for (const host of ["evil.example", `evil.example:${port}`, `localhost.evil.example:${port}`]) {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const asked = request({ hostname, port, path: "/mcp", headers: { host }, agent: false });
    asked.on("response", (response) => resolve(response.resume().statusCode));
    asked.on("error", reject);
    asked.end();
    expect(await promise, host).toBe(404);
  }
  const forwarded = { "x-forwarded-host": "evil.example", forwarded: "host=evil.example" };
  const document = await fetch(`${server.origin}/.well-known/oauth-authorization-server`, {
    headers: forwarded,
  });
  expect(await document.text()).not.toContain("evil.example");
});

test("headers that contradict the message, an unknown version and another method are refused by their own codes", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  const sum = { name: "sum", arguments: { a: 1, b: 2 } };
  const contradictions: Record<string, string>[] = [
    { "mcp-method": "tools/list" },
    { "mcp-method": "" },
    { "mcp-name": "whoami" },
    { "mcp-name": "SUM" },
    { "mcp-protocol-version": "2025-11-25" },
  ];
  for (const headers of contradictions) {
    const refused = await postModern(mcp, accessToken, "tools/call", sum, {}, headers);
    expect(refused.status, JSON.stringify(headers)).toBe(400);
    expect(await refused.json(), JSON.stringify(headers)).toMatchObject({
      error: { code: -32020 },
    });
  }
  const unknown = await postMessage(
    mcp,
    accessToken,
    {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/list",
      params: {
        _meta: {
          "io.modelcontextprotocol/protocolVersion": "2099-01-01",
          "io.modelcontextprotocol/clientCapabilities": {},
        },
      },
    },
    { "mcp-protocol-version": "2099-01-01", "mcp-method": "tools/list" },
  );
  expect(unknown.status).toBe(400);
  expect(await unknown.json()).toMatchObject({ error: { code: -32022 } });
  for (const method of ["GET", "HEAD", "PUT", "PATCH", "DELETE"]) {
    const refused = await fetch(mcp, {
      method,
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(refused.status, method).toBe(405);
    await refused.body?.cancel();
  }
  const overridden = await postMessage(mcp, accessToken, undefined, {
    "x-http-method-override": "DELETE",
  });
  expect(overridden.status).toBe(200);
  await overridden.body?.cancel();
  for (const path of ["/mcp/", "//mcp", "/MCP", "/%6dcp", "/mcp%2f", "/mcp%00", "/mcp;x"]) {
    const nowhere = await postMessage(`${server.origin}${path}`, accessToken);
    expect(nowhere.status, path).toBe(404);
    await nowhere.body?.cancel();
  }
});

test("a message that is too large, too deep or no message is refused, and the server goes on", async ({
  server,
}) => {
  const app = await OAuthApp.register(server.origin);
  const { accessToken } = await app.logIn(new Person("ada@example.com"));
  const mcp = `${server.origin}/mcp`;
  const headers = {
    authorization: `Bearer ${accessToken}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
  };
  const limit = 1024 * 1024;
  const unannounced = await postUnfinished(mcp, { ...headers, "transfer-encoding": "chunked" }, [
    `{"jsonrpc":"2.0","id":1,"method":"tools/list","x":"`,
    "x".repeat(limit),
  ]);
  expect(unannounced).toMatchObject({ status: 413, body: expect.stringContaining("too large") });

  const call = `{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{}}`;
  const nested = `${"[".repeat(300_000)}${"]".repeat(300_000)}`;
  const bodies: Record<string, string | Uint8Array<ArrayBuffer>> = {
    nothing: "",
    "no JSON": "{",
    null: "null",
    "a number": "1",
    "an empty batch": "[]",
    "a batch of 5000": `[${Array.from({ length: 5000 }, () => call).join(",")}]`,
    "a batch of rubbish": "[1,null,{}]",
    "deep arguments": `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${nested}}`,
    "deep arguments of a tool": `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"sum","arguments":{"a":${nested},"b":1}}}`,
    "a deep batch": nested,
    "no UTF-8": new Uint8Array([0xff, 0xfe, 0x7b]),
  };
  for (const [what, body] of Object.entries(bodies)) {
    const refused = await fetch(mcp, { method: "POST", headers, body });
    const said = await refused.text();
    expect(refused.status, what).toBeLessThan(500);
    expect(refused.ok && !said.includes('"isError":true'), `${what}: ${said}`).toBe(false);
    // No word of how the server is made.
    expect(said, what).not.toMatch(/\bat .+\.(js|ts):\d+/);
  }
  const prototype = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"__proto__","arguments":{"__proto__":{"polluted":1}}}}`;
  const polluting = await fetch(mcp, { method: "POST", headers, body: prototype });
  expect(await polluting.text()).not.toContain('"result"');
  const list = await postModern(mcp, accessToken, "tools/list", {});
  expect(await list.json()).toMatchObject({
    result: { tools: toolNames.map((name) => ({ name })) },
  });
});
