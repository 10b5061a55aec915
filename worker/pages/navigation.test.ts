import { expect, test } from "vitest";
import { scopes } from "../../tests/fixture/scopes.ts";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { listBaseScopes } from "../mcp/scopes.ts";

const chrome =
  "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
const firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const worker = new OAuthWorker();
const { origin } = worker.settings;

/** What a client is told without a token: status, every header and the body. */
async function readWhole(path: string, headers: Record<string, string>, method = "GET") {
  const response = await worker.fetch(path, { method, headers });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

test.for([
  ["Chrome", { accept: chrome, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }],
  ["Firefox without Sec-Fetch", { accept: firefox }],
] as const)("%s shows a page at /mcp and /sse, with the challenge", async ([, headers]) => {
  for (const path of ["/mcp", "/sse"]) {
    const plain = await readWhole(path, { accept: "*/*" });
    const page = await readWhole(path, headers);
    expect(page.status).toBe(401);
    expect(page.body).toContain("<h1>This address is for apps</h1>");
    expect(page.body).toContain(`<code>${origin}${path}</code>`);
    expect(page.headers).toMatchObject({
      "www-authenticate": plain.headers["www-authenticate"],
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      vary: "Accept, Sec-Fetch-Mode",
    });
    expect(page.headers["content-security-policy"]).toMatch(
      /^default-src 'none'; style-src 'self';/,
    );
    const head = await worker.fetch(path, { method: "HEAD", headers });
    expect(Object.fromEntries(head.headers)).toEqual(page.headers);
  }
});

test("clients get what they got before there was a page", async () => {
  const clients: Record<string, string>[] = [
    {},
    { accept: "*/*" },
    { accept: "application/json" },
    { accept: "text/event-stream" },
    { accept: "application/json, text/event-stream" },
    { accept: "text/event-stream, text/html" },
    { accept: "text/html, application/json" },
    { accept: "text/html;q=0, */*" },
    { accept: "not a media type" },
    // A script of a page, and clients that name everything.
    { accept: chrome, "sec-fetch-mode": "cors" },
    { accept: chrome, "mcp-protocol-version": "2025-11-25" },
    { accept: chrome, "mcp-session-id": "x" },
    { accept: chrome, "last-event-id": "1" },
  ];
  for (const path of ["/mcp", "/sse"]) {
    const scope = listBaseScopes(scopes).join(" ");
    const resource = `${origin}/.well-known/oauth-protected-resource${path}`;
    for (const headers of clients) {
      const answer = await readWhole(path, headers);
      expect(answer, JSON.stringify(headers)).toEqual({
        status: 401,
        headers: {
          "cache-control": "no-store",
          pragma: "no-cache",
          "www-authenticate": `Bearer realm="OAuth", resource_metadata="${resource}", scope="${scope}"`,
        },
        body: "",
      });
    }
    const wrong = await readWhole(path, { accept: chrome, authorization: "Bearer wrong" });
    expect([wrong.status, wrong.body.includes("<html")]).toEqual([401, false]);
    for (const method of ["POST", "DELETE"]) {
      const answer = await readWhole(path, { accept: chrome }, method);
      expect([answer.status, answer.body]).toEqual([401, ""]);
    }
  }
});

test("a path that leads nowhere is a page for people, and two words for clients", async () => {
  for (const path of ["/nothing", "/authorize/callback", "/probe", "/constructor"]) {
    const page = await readWhole(path, { accept: chrome });
    expect([path, page.status, page.headers["content-type"]]).toEqual([
      path,
      404,
      "text/html; charset=utf-8",
    ]);
    expect(page.body).toContain('<a href="/">About Example</a>');
    const plain = await readWhole(path, { accept: "*/*" });
    expect([plain.status, plain.body]).toEqual([404, "Not found"]);
    // A cache keeps both apart.
    expect([page.headers.vary, plain.headers.vary]).toEqual(
      Array(2).fill("Accept, Sec-Fetch-Mode"),
    );
  }
  const document = await readWhole("/.well-known/nothing", { accept: chrome });
  expect([document.status, document.body]).toEqual([404, "Not found"]);
});

test("under another name, a page leads to the right one, and takes style and icon from there", async () => {
  const page = await readWhole("/mcp", { accept: chrome, host: "old.example" });
  expect(page.status).toBe(404);
  expect(page.body).toContain(`This server answers at ${origin}/ only.`);
  const links = [...page.body.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link);
  expect(new Set(links)).toEqual(
    new Set([`${origin}/favicon.svg`, `${origin}/style.css`, `${origin}/`]),
  );
  expect(page.headers["content-security-policy"]).toContain(
    `style-src ${origin}; script-src 'self'; img-src ${origin};`,
  );
  const plain = await readWhole("/mcp", { accept: "*/*", host: "old.example" });
  expect(plain.body).toBe(`This server answers at ${origin}/ only.`);
});
