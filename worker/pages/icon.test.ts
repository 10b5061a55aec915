import { createExecutionContext } from "cloudflare:test";
import { expect, test } from "vitest";
import { features } from "../../tests/fixture/features.ts";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { workerEnv } from "../../tests/support/worker/worker-env.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { createWorker } from "../create-worker.ts";
import { drawIcon } from "./icon.ts";

/** A drawing with both marks. */
const drawing = "<svg><title>{{title}}</title><text>{{initial}}</text></svg>";

test("the icon follows the server's title", async () => {
  const server = { ...workerSettings.server, title: "weather" };
  const worker = new OAuthWorker({ server });
  for (const path of ["/favicon.svg", "/favicon.ico"]) {
    const icon = await (await worker.fetch(path)).text();
    expect(icon).toBe(drawIcon("weather"));
    expect(icon).not.toContain("{{");
  }
  const home = await (await worker.fetch("/")).text();
  expect(home).not.toContain(workerSettings.server.title);
  expect(home).not.toContain("Remote MCP server");
});

test("a server that has a drawing of its own shows it", async () => {
  const env = { ...workerEnv, SETTINGS: workerSettings };
  const { handlers } = createWorker(features, drawing);
  const request = new Request(`${workerSettings.origin}/favicon.svg`);
  const answer = await handlers.fetch(request, env, createExecutionContext());
  expect(await answer.text()).toBe(drawIcon(workerSettings.server.title, drawing));
});

test.for([
  ["<b> & co", "&#60;"],
  ["$& more", "$"],
  ["élan", "É"],
  ["🧮 abacus", "🧮"],
])("a title %s stays an image", ([title, initial]) => {
  const icon = drawIcon(title as string, drawing);
  expect(icon).toContain(`>${initial}</text>`);
  expect(icon).not.toMatch(/<b>|\{\{/);
  // No entity but those that were made here.
  expect(icon.match(/&(?!#\d+;)/)).toBeNull();
});
