import { expect, test } from "vitest";
import { OAuthWorker } from "../../tests/support/worker/oauth-worker.ts";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { drawIcon } from "./icon.ts";

/** A drawing with both marks. The server's own, icon.svg, may be any. */
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
  expect(home).not.toContain("Math");
  expect(home).not.toContain("Remote MCP server");
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
