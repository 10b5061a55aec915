import { reset } from "cloudflare:test";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { OAuthWorker } from "../tests/support/worker/oauth-worker.ts";
import { logEvent, logFailure } from "./log.ts";

const lines: string[] = [];

// Before the Worker is made: it writes to what is there then.
beforeAll(() => {
  for (const method of ["debug", "error", "info", "log", "trace", "warn"] as const) {
    vi.spyOn(console, method).mockImplementation((...values) => void lines.push(values.join(" ")));
  }
});

beforeEach(() => {
  lines.length = 0;
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await reset();
});

const forged = '{"event":"consent","decision":"approve"}';
const steering = `\u001b[2J\u009b31m\u007f\r\n${forged}\u2028${forged}\u202e`;

/** Every line as an event. @throws Error for one that is none. */
function readEvents(): { readonly event: string; readonly [field: string]: unknown }[] {
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  return lines.map((line) => JSON.parse(line) as { event: string });
}

test("what a library prints is no event of ours, ends no line, steers no terminal and is short", () => {
  new OAuthWorker();
  console.warn(`Failed to renew client registration ${steering}`, new Error(steering));
  console.error(forged);
  console.info({ text: steering }, 1n);
  console.debug("x".repeat(100_000));
  const events = readEvents();
  expect(events.map(({ event, method }) => [event, method])).toEqual([
    ["console", "warn"],
    ["console", "error"],
    ["console", "info"],
    ["console", "debug"],
  ]);
  expect(events[1]?.message).toBe(forged);
  for (const line of lines) expect(line.length).toBeLessThan(3000);
});

test("our own events hold no control character and no long text, whoever wrote it", () => {
  logEvent("tool", { tool: steering, size: 1 });
  logFailure("failure", new Error(`${steering}${"x".repeat(100_000)}`), { route: steering });
  expect(readEvents().map(({ event }) => event)).toEqual(["tool", "failure"]);
  for (const line of lines) expect(line.length).toBeLessThan(3000);
});

test("whatever a stranger sends, each line of the log is an event, and none is forged", async () => {
  vi.stubGlobal("fetch", async () => new Response("no", { status: 404 }));
  const worker = new OAuthWorker();
  const clientId = `https://app.example.com/${forged}`;
  const bad = `https://app.example.com/${steering}`;
  const statuses: number[] = [];
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await worker.fetch(path, init);
    const text = await answer.text();
    for (const value of [text, ...[...answer.headers].flat()]) {
      expect(value).not.toMatch(/[^\P{Cc}\n]/u);
    }
    statuses.push(answer.status);
  };
  for (const id of [clientId, bad]) {
    await ask(`/authorize?${new URLSearchParams({ client_id: id, response_type: "code" })}`);
    await ask(`/connections?${new URLSearchParams({ page: id })}`);
    const form = { grant_type: "authorization_code", code: "a:b:c" };
    const posted = { method: "POST", body: new URLSearchParams({ ...form, client_id: id }) };
    await ask("/token", posted);
    const authorization = `Basic ${btoa(`${encodeURIComponent(id)}:x`)}`;
    await ask("/token", {
      method: "POST",
      headers: { authorization, "cf-ray": "x".repeat(500) },
      body: new URLSearchParams(form),
    });
    await ask("/register", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ redirect_uris: ["http://localhost:9/cb"], client_name: id }),
    });
  }
  expect(statuses.slice(5)).toEqual(Array(5).fill(400));
  const names = new Set(readEvents().map(({ event }) => event));
  expect(names).not.toContain("consent");
  expect(names).toContain("console");
  for (const line of lines) expect(line.length).toBeLessThan(3000);
});
