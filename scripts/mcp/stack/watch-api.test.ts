import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { ApiWatch, mayWatch, type Trouble } from "./watch-api.ts";

test("calls go on and answers come back as they are, and each failing try is told", async () => {
  const seen: string[] = [];
  const statuses = [500, 429, 200, 0, 400];
  const api = createServer(async (request, response) => {
    const { authorization, host } = request.headers;
    seen.push(`${request.method} ${request.url} ${authorization} ${host} ${await text(request)}`);
    const status = statuses.shift() ?? 0;
    if (status === 0) return void request.socket.destroy();
    response.writeHead(status, { "content-type": "text/plain", "x-own": "1" });
    response.end(`answer ${status}`);
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void api.close());
  await once(api, "listening");
  const { port } = api.address() as AddressInfo;
  const troubles: Trouble[] = [];
  await using watch = await ApiWatch.start(
    (trouble) => troubles.push(trouble),
    `http://127.0.0.1:${port}/client/v4`,
  );
  const call = (retry: number) =>
    fetch(`${watch.baseUrl}/accounts/a?page=2`, {
      method: "PUT",
      body: "code".repeat(100_000),
      headers: { authorization: "Bearer t", "x-stainless-retry-count": String(retry) },
    });
  for (const [retry, status] of [500, 429, 200].entries()) {
    const answer = await call(retry);
    expect([answer.status, answer.headers.get("x-own"), await answer.text()]).toEqual([
      status,
      "1",
      `answer ${status}`,
    ]);
  }
  await expect(call(3)).rejects.toThrow();
  expect((await call(0)).status).toBe(400);
  const expected = `PUT /client/v4/accounts/a?page=2 Bearer t 127.0.0.1:${port} ${"code".repeat(100_000)}`;
  expect(seen).toEqual(Array.from({ length: 5 }, () => expected));
  expect(troubles.map((each) => each.text)).toEqual([
    "Cloudflare answers 500, try 1 of 11",
    "Cloudflare answers 429, try 2 of 11",
    expect.stringMatching(/^Cloudflare does not answer \(.+\), try 4 of 11$/),
  ]);
});

test("only calls of Cloudflare's own API are watched, and none where a proxy leads there", () => {
  expect(mayWatch(undefined, {})).toBe(true);
  expect(mayWatch("http://127.0.0.1:8790/client/v4", {})).toBe(false);
  expect(mayWatch(undefined, { HTTPS_PROXY: "http://proxy.example:3128" })).toBe(false);
});
