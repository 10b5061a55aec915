import type { ConsentDescription } from "@cloudflare/workers-oauth-provider";
import { expect, test } from "vitest";
import { workerSettings } from "../../tests/support/worker-settings.ts";
import { ConsentPage } from "./consent.tsx";

const description = {
  clientId: "client",
  clientName: "Chat",
  redirectHost: "chat.example",
  redirectIsLoopback: false,
} as ConsentDescription;

function render(change: Partial<ConsentDescription> = {}, isNothingTicked = false): string {
  return ConsentPage({
    settings: workerSettings,
    description: { ...description, ...change },
    origin: { kind: "unverified" },
    scopes: [
      { name: "notes:read", words: "Read your notes", tools: ["Find a note", "Read a note"] },
      { name: "notes:write", words: "Change your notes", tools: ["Write a note"] },
    ],
    resource: "https://notes.example/mcp",
    handle: "handle",
    person: { identity: { method: "demo", issuer: "demo", subject: "ada" }, id: "id" },
    upstreamName: undefined,
    isPerhapsLess: false,
    isNothingTicked,
  }).toString();
}

test("the tools that a scope opens are there when they are asked for, and ticks are not hidden", () => {
  const html = render();
  const hidden = [...html.matchAll(/<details>(.*?)<\/details>/g)].map(([, text]) => text);
  expect(hidden).toHaveLength(2);
  expect(hidden[0]).toContain("2 tools");
  expect(hidden[0]).toContain("opens Find a note, Read a note");
  expect(hidden[1]).toContain("1 tool<");
  for (const text of hidden) expect(text).not.toContain("checkbox");
});

test.for(["127.0.0.1", "localhost", "[::1]", "127.8.9.10"])(
  "a return to %s is told in words, with the warning",
  (redirectHost) => {
    const html = render({ redirectHost, redirectIsLoopback: true });
    expect(html).toContain(
      `a program on this computer</strong> <span class="small">(${redirectHost})`,
    );
    expect(html).toContain("your own computer");
  },
);

test.for(["chat.example", "127.example.com", "localhost.example", "1127.0.0.1"])(
  "a return to %s is not taken for this computer",
  (redirectHost) => {
    const html = render({ redirectHost });
    expect(html).toContain(`<strong class="domain">${redirectHost}</strong>`);
    expect(html).not.toContain("computer");
  },
);

test("that nothing was ticked stands before what can be ticked", () => {
  const html = render({}, true);
  const [legend, problem, box] = ["<legend>", "Nothing was ticked", "checkbox"].map((text) =>
    html.indexOf(text),
  );
  expect([legend, problem, box]).toEqual([legend, problem, box].toSorted((a = 0, b = 0) => a - b));
  expect(html.match(/Nothing was ticked/g)).toHaveLength(1);
  expect(html).toContain('aria-describedby="scopes-problem"');
  expect(html).not.toContain('name="scope" value="notes:read" checked');
});
