import { expect, test } from "vitest";
import * as z from "zod";
import { createWorker } from "../create-worker.ts";
import { defineScopes, defineTool, type Features } from "./index.ts";

const scopes = defineScopes({
  "notes:read": { words: "Read notes", isBase: true },
  "notes:write": { words: "Write notes", isBase: false, includes: ["notes:read"] },
});

function makeTool<const Scope extends string>(scope: Scope) {
  return defineTool({
    name: "notes",
    title: "Notes",
    description: "Returns nothing.",
    scope,
    input: z.object({}),
    output: z.object({}),
    annotations: { readOnlyHint: true },
    run: () => ({ structured: {}, text: "" }),
  });
}

type OwnFeatures = Features<keyof typeof scopes>;

test("a scope that the catalogue lacks is a build error, and a refusal where nobody built it", () => {
  const rest = { scopes, resources: [], prompts: [] };
  const right: OwnFeatures = { ...rest, tools: [makeTool("notes:write")] };
  expect(() => createWorker(right)).not.toThrow();
  // @ts-expect-error: no such scope.
  const wrong: OwnFeatures = { ...rest, tools: [makeTool("notes:wirte")] };
  expect(() => createWorker(wrong)).toThrow(
    '"notes" needs the scope "notes:wirte", and the catalogue has none of this name. Add it to worker/scopes.ts, or use one of these: notes:read, notes:write.',
  );
});

test("a scope includes scopes of its own catalogue only", () => {
  const one = { words: "Write notes", isBase: true };
  // @ts-expect-error: no such scope.
  const catalogue = defineScopes({ "notes:write": { ...one, includes: ["notes:raed"] } });
  expect(() => createWorker({ scopes: catalogue, tools: [], resources: [], prompts: [] })).toThrow(
    '"notes:write" includes the scope "notes:raed", and the catalogue has none of this name.',
  );
});

test("a scope may not have the name of the server's own", () => {
  const catalogue = { "personal-tokens": { words: "See your tokens", isBase: true } };
  expect(() => createWorker({ scopes: catalogue, tools: [], resources: [], prompts: [] })).toThrow(
    '"personal-tokens" is the scope with which programs make tokens for a person (docs/clients.md)',
  );
});

test("a catalogue without a scope to ask for first is refused", () => {
  const catalogue = { "notes:write": { words: "Write notes", isBase: false } };
  expect(() => createWorker({ scopes: catalogue, tools: [], resources: [], prompts: [] })).toThrow(
    "No scope of worker/scopes.ts has isBase: true",
  );
});
