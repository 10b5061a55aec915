import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { features } from "../tests/fixture/features.ts";
import { OAuthWorker } from "../tests/support/worker/oauth-worker.ts";
import { createApp } from "./app.ts";
import { largestConsent, largestForm } from "./body.ts";
import { largestMessage } from "./mcp/message-bounds.ts";
import { openSession } from "./mcp/session-stubs.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await reset();
});

const chunk = new Uint8Array(16_384).fill(0x61);

/** A body that has no end, as long as somebody reads it; and how much of it was read. */
function createEndless(head: string) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const bytes = sent === 0 ? new TextEncoder().encode(head) : chunk;
        sent += bytes.byteLength;
        if (sent > 64 * largestMessage) controller.error(new Error("nobody stopped reading"));
        else controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
  return { body, sent: () => sent };
}

const bodies: Record<string, string> = {
  "application/x-www-form-urlencoded": "step=sign-in&token=x&email=",
  "multipart/form-data; boundary=b":
    '--b\r\ncontent-disposition: form-data; name="step"\r\n\r\nsign-in\r\n--b\r\ncontent-disposition: form-data; name="email"\r\n\r\n',
  "application/json": '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"x":"',
  "text/plain": "x",
};

const methods = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "HEAD"];

/** Those that take a body, in the format that each reads. */
const reading = ["/authorize", "/connections", "/token", "/register", "/mcp", "/sse"];

test("every route and method stops reading a body at its limit, and those that read say 413", async () => {
  const worker = new OAuthWorker();
  const { paths } = createApp(worker.settings, features);
  expect(paths).toEqual(expect.arrayContaining([...reading, "/sse/message", "/probe"]));
  const env = { ...worker.env, PROBE_SECRET: "a-secret-of-the-probe" };
  const tokens = {
    "/mcp": (await worker.logIn({ path: "/mcp" })).tokens.access_token,
    "/sse": (await worker.logIn({ path: "/sse" })).tokens.access_token,
  };
  const { id } = openSession(worker.env);
  const said: string[] = [];
  const findLimit = (path: string) => {
    if (path === "/authorize") return largestConsent;
    return path in tokens || path === "/sse/message" ? largestMessage : largestForm;
  };
  for (const path of [...paths, "/style.css", "/nowhere"]) {
    for (const method of methods) {
      for (const [type, head] of Object.entries(bodies)) {
        const { body, sent } = createEndless(head);
        const token = tokens[path.startsWith("/sse") ? "/sse" : "/mcp"];
        const carriesBody = method !== "GET" && method !== "HEAD";
        const query = path === "/sse/message" ? `?sessionId=${id}` : "";
        Object.assign(worker.env, env);
        const response = await worker.fetch(`${path}${query}`, {
          method,
          headers: {
            "content-type": type,
            accept: "application/json, text/event-stream",
            origin: worker.settings.origin,
            host: new URL(worker.settings.origin).host,
            ...((path.startsWith("/mcp") || path.startsWith("/sse")) && {
              authorization: `Bearer ${token}`,
            }),
          },
          ...(carriesBody && { body }),
        });
        const what = `${method} ${path} with ${type}`;
        const limit = findLimit(path);
        expect(sent(), what).toBeLessThanOrEqual(limit + 2 * chunk.byteLength);
        expect(response.status, what).toBeLessThan(500);
        if (response.status === 413) said.push(`${path} ${type}`);
        if (sent() > limit) expect(response.status, what).toBe(413);
        await response.body?.cancel();
      }
    }
  }
  for (const path of [...reading, "/sse/message"]) {
    expect(said.filter((line) => line.startsWith(`${path} `)).length, path).toBeGreaterThan(0);
  }
  expect(said).toContain("/authorize multipart/form-data; boundary=b");
  expect(said).toContain("/connections multipart/form-data; boundary=b");
});

test.each([
  ["/token", { error: "invalid_request" }],
  ["/register", { error: "invalid_client_metadata" }],
])("%s refuses a large body in the words of its clients", async (path, words) => {
  const worker = new OAuthWorker();
  const refused = await worker.fetch(path, {
    method: "POST",
    headers: { origin: "https://client.example" },
    body: "x".repeat(largestForm + 1),
  });
  expect(refused.status).toBe(413);
  expect(refused.headers.get("access-control-allow-origin")).toBe("https://client.example");
  expect(await refused.json()).toMatchObject({
    ...words,
    error_description: expect.stringContaining(`${largestForm} bytes`),
  });
});
