import { expect } from "vitest";
import { postModern, showsForms } from "../../support/mcp-by-hand.ts";

/** What is painted. */
const wall = { thing: "a wall" };

/** An answer to the question for its colour. */
export const answer = { colour: { action: "accept", content: { colour: "grey" } } };

/** What the tool says after it. */
export const painted = { ...wall, colour: "grey" };

/** The part of an answer that a test looks at. */
export interface Answer {
  readonly result?: {
    readonly resultType?: string;
    readonly requestState?: string;
    readonly structuredContent?: object;
  };
  readonly error?: { readonly code: number; readonly message: string };
}

/** Calls the tool that asks for a colour. */
export async function callTool(url: string, token: string, params: object): Promise<Answer> {
  const whole = { name: "choose", arguments: wall, ...params };
  const response = await postModern(url, token, "tools/call", whole, showsForms);
  const text = await response.text();
  return JSON.parse(text) as Answer;
}

/** Asks a question. @returns what has to come back with the answer. */
export async function ask(url: string, token: string): Promise<string> {
  const { result } = await callTool(url, token, {});
  expect(result?.resultType).toBe("input_required");
  return result?.requestState ?? "";
}
