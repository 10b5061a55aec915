import { expect, test } from "vitest";
import { projectRoot } from "../../infra/bundle.ts";
import { readOwnership } from "../ownership/ownership.ts";
import { findMessageProblems } from "./error-rules.ts";
import { listMistakes } from "./mistakes.ts";

test("every mistake that our storage and tools name comes with what to do next", async () => {
  const ownership = readOwnership(projectRoot);
  const mistakes = await listMistakes(projectRoot, (file) => !ownership.isTheirs(file));
  // One that is made elsewhere would be forgotten here.
  expect(mistakes.filter(({ message }) => message === undefined)).toEqual([]);
  const wrong = mistakes
    .map((mistake) => ({ ...mistake, problems: findMessageProblems(mistake.message ?? "") }))
    .filter(({ problems }) => problems.length > 0);
  expect(wrong).toEqual([]);
  // The reader of the source has not gone blind.
  const files = new Set(mistakes.map(({ file }) => file));
  expect([...files]).toEqual(
    expect.arrayContaining([
      "worker/state/entries.ts",
      "worker/state/person-state.ts",
      "worker/state/open-storage.ts",
    ]),
  );
});

test("a message that a model can act on has no problem", () => {
  expect(findMessageProblems("The list has 12 numbers, and 10 are allowed. Split it.")).toEqual([]);
  expect(findMessageProblems('"x" is not a unit. There are: metre, mile.')).toEqual([]);
});

test.for([
  ["Invalid input.", "what to do next"],
  ["The list is too long.", "what to do next"],
  ["Use fewer numbers.", "what is wrong"],
  ["Cannot read properties of undefined. Try again later.", "inside"],
  ["The call failed in worker/tools/sum.ts. Try again later.", "inside"],
  [`The list is ${"very ".repeat(150)}long. Split it.`, "at most 600"],
] as const)("%s is found", ([message, problem]) => {
  expect(findMessageProblems(message)).toContainEqual(expect.stringContaining(problem));
});
