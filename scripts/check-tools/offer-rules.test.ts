import { expect, test } from "vitest";
import * as z from "zod";
import {
  definePrompt,
  defineResource,
  deleteMyData,
  exportMyData,
  type Features,
  whoami,
} from "../../worker/kit/index.ts";
import { findOfferProblems } from "./offer-rules.ts";

const scope = "own:all";

/** Features that say everything well: the tools that every server can have, and one of each other kind. */
const good: Features = {
  scopes: { [scope]: { words: "See and delete what is kept for you", isBase: true } },
  tools: [exportMyData({ scope }), deleteMyData({ scope }), whoami({ scope })],
  resources: [
    defineResource({
      name: "news",
      title: "News",
      description: "What is new on this server. Read it when somebody asks for that.",
      uri: "news://today",
      mimeType: "text/plain",
      scope,
      cacheHint: { ttlMs: 0, cacheScope: "public" },
      read: () => ({ text: "" }),
    }),
  ],
  prompts: [
    definePrompt({
      name: "tell-news",
      title: "Tell the news",
      description: "Tells what is new on this server, in a few sentences.",
      scope,
      args: z.object({ tone: z.string().describe("Such as dry") }),
      write: () => [],
    }),
  ],
};
const [tool] = good.tools;
const [resource] = good.resources;
const [prompt] = good.prompts;

test("what is well said has no problem, and that counts for the tools that every server can have", () => {
  expect(findOfferProblems(good)).toEqual([]);
});

test.for([
  ["two tools of one name", { tools: [tool, tool] }, "name: another tool has it"],
  ["two tools that say the same", { tools: [tool, { ...tool, name: "give_all" }] }, "nearly the"],
  ["a resource without a title", { resources: [{ ...resource, title: "" }] }, "title: 3 to 40"],
  ["a short description", { prompts: [{ ...prompt, description: "News." }] }, "a sentence of 40"],
  ["a prompt's name", { prompts: [{ ...prompt, name: "tell_news" }] }, "joined by -"],
  [
    "an argument without words",
    { prompts: [{ ...prompt, args: z.object({ tone: z.string() }) }] },
    "tone: has a description",
  ],
] as const)("%s is found", ([, change, problem]) => {
  expect(findOfferProblems({ ...good, ...change } as Features)).toContainEqual({
    where: expect.any(String),
    problem: expect.stringContaining(problem),
  });
});
