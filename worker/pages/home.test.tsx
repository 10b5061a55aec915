import { expect, test } from "vitest";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import type { Features } from "../kit/features.ts";
import { HomePage } from "./home.tsx";

const description = "Finds notes. Use it when <somebody> asks for one.";
const tool = { name: "find_note", title: "Find a note", description, scope: "notes:read" };
const features = { tools: [tool], resources: [], prompts: [], scopes: {} } as unknown as Features;

function render(change: Partial<Features> = {}): string {
  const props = { settings: workerSettings, features: { ...features, ...change } };
  return HomePage({ ...props, hasOnePassword: false }).toString();
}

test("how to connect comes first, and a tool's description when it is asked for", () => {
  const html = render();
  const places = ["<h1>", 'id="connect"', 'id="claude-code"', 'id="tools"', "Finds notes"].map(
    (text) => html.indexOf(text),
  );
  expect(Math.min(...places)).toBeGreaterThan(0);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  const closed = [...html.matchAll(/<details>(.*?)<\/details>/g)].map(([, text]) => text);
  expect(closed).toHaveLength(1);
  expect(closed[0]).toContain("Find a note <code>find_note</code>");
  expect(closed[0]).toContain("when &lt;somebody&gt; asks");
});

test("every anchor of the page leads to something, and each app's steps have one", () => {
  const html = render();
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(2);
  expect(ids).toEqual(expect.arrayContaining(links));
  const apps = [...html.matchAll(/<details name="app".*?<\/details>/gs)].map(([text]) => text);
  expect(apps.length).toBeGreaterThan(6);
  // Inside: that is what makes a browser open it.
  for (const app of apps) expect(app).toMatch(/<figure id="[a-z.-]+">/);
});

test("a server without tools has no empty list of them", () => {
  expect(render({ tools: [] })).not.toContain("#tools");
});
